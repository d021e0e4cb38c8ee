// gallery: the style page's dialogs and tables work.
import { dialogs } from './dom.js';
import './table.js';

dialogs();

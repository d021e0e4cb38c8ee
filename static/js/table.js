// table: sorts the tables of a page by the heads that can be touched; the server's order is the third turn.
import { all, on } from './dom.js';

/** @param {HTMLTableElement} table */
function sortable(table) {
  const body = table.tBodies[0];
  if (!body) return;
  const given = Array.from(body.rows);
  for (const head of all('thead th', table)) {
    const button = head.querySelector('button');
    if (button) on(button, 'click', () => turn(table, body, given, /** @type {HTMLTableCellElement} */ (head)));
  }
}

/**
 * @param {HTMLTableElement} table
 * @param {HTMLTableSectionElement} body
 * @param {HTMLTableRowElement[]} given
 * @param {HTMLTableCellElement} head
 */
function turn(table, body, given, head) {
  const was = head.getAttribute('aria-sort');
  for (const other of all('thead th', table)) other.removeAttribute('aria-sort');
  if (was === 'descending') return void body.append(...given);
  const way = was === 'ascending' ? -1 : 1;
  head.setAttribute('aria-sort', way === 1 ? 'ascending' : 'descending');
  body.append(...given.slice().sort((a, b) => way * compare(worth(a, head.cellIndex), worth(b, head.cellIndex))));
}

/**
 * What a cell sorts by: data-sort, else its text.
 * @param {HTMLTableRowElement} row
 * @param {number} column
 */
function worth(row, column) {
  const cell = row.cells[column];
  return cell?.dataset.sort ?? cell?.textContent?.trim() ?? '';
}

/**
 * Numbers as numbers, the rest as the language sorts it.
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  const [x, y] = [Number(a), Number(b)];
  return a !== '' && b !== '' && !Number.isNaN(x) && !Number.isNaN(y) ? x - y : a.localeCompare(b, document.documentElement.lang, { numeric: true });
}

for (const table of all('table[data-sorts]')) sortable(/** @type {HTMLTableElement} */ (table));

// The types of the vendored file are those of the package that it comes from.
export { default } from 'uplot';

// What the server put into the page: texts of the visitor's language, services with their capabilities, paths.
let data = null;

/** @returns {{texts: object, services: Array<object>, service: string, lasting: boolean, base: string}} */
export function boot() {
  data ??= JSON.parse(document.getElementById('studio-boot').textContent);
  return data;
}

// Where the server's JSON routes lie: beside the app's pages, also under a base path.

/**
 * @param {string} route Without a slash in front, such as "api/digit".
 * @returns {string}
 */
export function findRoute(route) {
  const folder = window.location.pathname.replace(/\/+$/, "").replace(/[^/]*$/, "") || "/";
  return `${window.location.origin}${folder}${route}`;
}

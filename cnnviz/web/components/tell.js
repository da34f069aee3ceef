// Passes the page's choices on to its pictures.

export default function ({ data }) {
  postChoices(data);
}

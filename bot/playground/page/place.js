/**
 * Who acts and where, kept in the address: `/?as=U…&channel=C…`, so that a reload, a bookmark or a picture comes back
 * to the same place. Also read from the hash. `tab` and `intro=off` set up the rest of the page.
 */

/** What the address asks for: {person, channel, tab, intro}; null where it says nothing. */
export function wanted() {
  const query = new URLSearchParams(location.search);
  const hash = new URLSearchParams(location.hash.replace(/^#/, ""));
  const value = (name) => query.get(name) ?? hash.get(name);
  return { person: value("as"), channel: value("channel"), tab: value("tab"), intro: value("intro") };
}

/** Write the place into the address, without adding to the history. */
export function remember({ person, channel }) {
  const query = new URLSearchParams(location.search);
  query.set("as", person);
  query.set("channel", channel);
  history.replaceState(null, "", `${location.pathname}?${query}`);
}

/** The square beside a name: initials in a tone of their own, or the bot's sign. */

import { element } from "./dom.js";

/** One of eight tones for a person, always the same one. */
export function toneOf(id) {
  let sum = 0;
  for (const character of id) sum += character.charCodeAt(0);
  return sum % 8;
}

/** The square with a person's initials. */
export function avatar(id, name, isBot = false) {
  const initials = name.split(/\s+/).filter(Boolean).map((word) => word[0]).slice(0, 2).join("").toUpperCase() || "?";
  if (isBot) return botAvatar();
  return element("span", { class: `avatar tone-${toneOf(id)}`, "aria-hidden": "true" }, initials);
}

function botAvatar() {
  const picture = new Image(36, 36);
  picture.src = "/static/icon.svg";
  picture.alt = "";
  picture.className = "avatar";
  return picture;
}

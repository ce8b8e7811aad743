/**
 * Emoji shortcodes of a small set, as drawn signs or characters. Unknown ones stay text.
 *
 * The signs that carry meaning here are drawn, so that they look alike on machines without an emoji font.
 */

import { element } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

/** Shapes in a 20 × 20 field: [tag, class, attributes]. The classes take the colours from the style sheet. */
const triangle = ["path", "sign-amber", { d: "M10 1.800 19 17.600a.8.8 0 0 1-.7 1.200H1.700a.8.8 0 0 1-.7-1.200z" }];
const disc = (tone) => ["circle", tone, { cx: 10, cy: 10, r: 9 }];
const square = (tone) => ["rect", tone, { x: 1, y: 1, width: 18, height: 18, rx: 4.5 }];
const stroke = (d, tone = "sign-line") => ["path", tone, { d }];

const DRAWN = {
  warning: [triangle, stroke("M10 7v5.500M10 15.600v.1", "sign-dark-line")],
  no_entry: [disc("sign-red"), ["rect", "sign-white", { x: 4.5, y: 8.2, width: 11, height: 3.6, rx: 1 }]],
  no_entry_sign: [["circle", "sign-red-ring", { cx: 10, cy: 10, r: 7.6 }], stroke("M4.800 4.800 15.200 15.200", "sign-red-line")],
  white_check_mark: [square("sign-green"), stroke("m5.500 10.400 3 3 6-6.600")],
  heavy_check_mark: [stroke("m3.500 10.800 4.200 4.200 8.800-10", "sign-green-line")],
  x: [stroke("M4.500 4.500 15.500 15.500M15.500 4.500 4.500 15.500", "sign-red-line")],
  hourglass_flowing_sand: [
    stroke("M5 2h10M5 18h10M6.200 2v3.500L9.500 10l-3.300 4.500V18M13.800 2v3.500L10.500 10l3.300 4.500V18", "sign-ink-line"),
    ["path", "sign-amber", { d: "M7.600 17v-1.300L10 13l2.400 2.700V17zM7.800 5.200h4.400L10 8.400z" }],
  ],
  inbox_tray: [stroke("M2.500 11.500v6h15v-6h-4l-1.500 2.500H8l-1.500-2.500z", "sign-ink-line"), stroke("M10 2v7.500M7 6.800l3 3 3-3", "sign-ink-line")],
  leftwards_arrow_with_hook: [stroke("M7 3.500 2.500 8 7 12.500M3 8h9.500a4 4 0 0 1 0 8H9", "sign-ink-line")],
  mailbox_with_mail: [["rect", "sign-amber", { x: 2, y: 4.5, width: 16, height: 11.5, rx: 1.5 }], stroke("m2.800 5.500 7.200 5.500 7.200-5.500", "sign-dark-line")],
  lock: [stroke("M6 9V6.200a4 4 0 0 1 8 0V9", "sign-ink-line"), ["rect", "sign-amber", { x: 3.5, y: 8.5, width: 13, height: 10, rx: 2 }], stroke("M10 12v3", "sign-dark-line")],
  unlock: [stroke("M6 9V5.200a4 4 0 0 1 7.800-1.200", "sign-ink-line"), ["rect", "sign-amber", { x: 3.5, y: 8.5, width: 13, height: 10, rx: 2 }], stroke("M10 12v3", "sign-dark-line")],
  rotating_light: [
    ["path", "sign-red", { d: "M4.500 15V10.500a5.500 5.500 0 0 1 11 0V15z" }],
    ["rect", "sign-ink", { x: 3, y: 15.4, width: 14, height: 3.2, rx: 1 }],
    stroke("M10 1v1.800M3 3.600l1.300 1.300M17 3.600l-1.300 1.300", "sign-red-line"),
  ],
  mag: [["circle", "sign-ink-ring", { cx: 8.5, cy: 8.5, r: 5.6 }], stroke("m13 13 5 5", "sign-ink-line")],
  information_source: [square("sign-blue"), stroke("M10 9.400v5.200M10 5.800v.1")],
  shield: [["path", "sign-blue", { d: "M10 1.500 17 4v5.500c0 4.500-3 7.500-7 9-4-1.500-7-4.500-7-9V4z" }], stroke("m6.800 9.800 2.400 2.400 4-4.400")],
  clock3: [["circle", "sign-ink-ring", { cx: 10, cy: 10, r: 7.8 }], stroke("M10 5.500V10h3.800", "sign-ink-line")],
  bell: [["path", "sign-amber", { d: "M10 2a5.500 5.500 0 0 0-5.500 5.500V12L3 14.800h14L15.500 12V7.500A5.500 5.500 0 0 0 10 2zM8 16h4a2 2 0 0 1-4 0z" }]],
  red_circle: [disc("sign-red")],
  large_green_circle: [disc("sign-green")],
  large_yellow_circle: [disc("sign-amber")],
  large_blue_circle: [disc("sign-blue")],
  white_circle: [["circle", "sign-ink-ring", { cx: 10, cy: 10, r: 7.8 }]],
};
DRAWN.shield_check = DRAWN.shield;
DRAWN.octagonal_sign = DRAWN.no_entry;
DRAWN.hourglass = DRAWN.hourglass_flowing_sand;
DRAWN.clock1 = DRAWN.clock3;
DRAWN.exclamation = [stroke("M10 2.500v10M10 17v.1", "sign-red-line")];

const CHARACTERS = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", wave: "👋", eyes: "👀", tada: "🎉", robot_face: "🤖", email: "✉",
  envelope: "✉", memo: "📝", link: "🔗", bulb: "💡", gear: "⚙", calendar: "📅", page_facing_up: "📄", scroll: "📜",
  arrow_right: "➡", heavy_plus_sign: "➕", heavy_minus_sign: "➖", question: "❓", ballot_box_with_check: "☑", stop_sign: "🛑",
  european_castle: "🏰", castle: "🏰", bust_in_silhouette: "👤", busts_in_silhouette: "👥", globe_with_meridians: "🌐",
  closed_lock_with_key: "🔐", key: "🔑", fire: "🔥", speech_balloon: "💬", point_right: "👉", wastebasket: "🗑", repeat: "🔁",
  arrows_counterclockwise: "🔄", grey_question: "❔", zzz: "💤",
};

/** The sign for a shortcode's name (without colons), or null when there is none. */
export function emoji(name) {
  if (Object.hasOwn(DRAWN, name)) {
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 20 20");
    picture.setAttribute("aria-hidden", "true");
    for (const [tag, tone, attributes] of DRAWN[name]) {
      const shape = document.createElementNS(SVG, tag);
      shape.setAttribute("class", tone);
      for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
      picture.append(shape);
    }
    return signOf(name, picture);
  }
  return Object.hasOwn(CHARACTERS, name) ? signOf(name, CHARACTERS[name]) : null;
}

function signOf(name, content) {
  const spoken = name.replaceAll("_", " ");
  return element("span", { class: "emoji", role: "img", "aria-label": spoken, title: `:${name}:`, dataset: { emoji: name } }, content);
}

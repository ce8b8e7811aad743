/**
 * Slack's mrkdwn, read into a tree and drawn as text nodes.
 *
 * Source: Slack's page "Formatting message text". Links are drawn but lead nowhere: what people propose to block
 * should not be one click away.
 */

import { element } from "./dom.js";
import { emoji } from "./emoji.js";
import { dateText, inFull, instant } from "./time.js";

const MARKS = { "*": "strong", _: "em", "~": "s" };
const DEEPEST = 8; // nested marks; hostile text could otherwise nest as deep as it is long

/** `&amp; &lt; &gt;` as the characters that they stand for: the only escapes that Slack knows. */
export function unescape(text) {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);
}

/** The tree of a text: a list of {type: "code" | "quote" | "list" | "lines", …}. */
export function parse(text) {
  const parts = [];
  const fences = /```\n?([\s\S]+?)```/g;
  let from = 0;
  for (const fence of text.matchAll(fences)) {
    parts.push(...parseLines(text.slice(from, fence.index).replace(/\n$/, "")));
    parts.push({ type: "code", text: unescape(labelsOnly(fence[1].replace(/\n$/, ""))) });
    from = fence.index + fence[0].length;
  }
  parts.push(...parseLines(from ? text.slice(from).replace(/^\n/, "") : text));
  return parts;
}

const QUOTE = /^(?:>|&gt;) ?/;
const QUOTE_REST = /^(?:>>>|&gt;&gt;&gt;) ?/;
const BULLET = /^\s*[•◦▪-]\s+/;
const NUMBER = /^\s*(\d+)\.\s+/;

function kindOf(line) {
  if (QUOTE.test(line)) return "quote";
  if (BULLET.test(line)) return "bullets";
  if (NUMBER.test(line)) return "numbers";
  return "lines";
}

function parseLines(text) {
  if (text === "") return [];
  const parts = [];
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index];
    if (QUOTE_REST.test(line)) {
      const rest = [line.replace(QUOTE_REST, ""), ...lines.slice(index + 1)];
      parts.push({ type: "quote", lines: rest.map((item) => parseInline(item)) });
      break;
    }
    const type = kindOf(line);
    const last = parts.at(-1);
    const content = { quote: QUOTE, bullets: BULLET, numbers: NUMBER, lines: /^/ }[type];
    const inline = parseInline(line.replace(content, ""));
    if (last && last.type === type) last.lines.push(inline);
    else parts.push({ type, lines: [inline], start: type === "numbers" ? Number(NUMBER.exec(line)[1]) : undefined });
  }
  return parts;
}

/** Inside code, a reference shows only its label, as Slack does it. */
function labelsOnly(text) {
  return text.replace(/<([^<>\n|]+)(?:\|([^<>\n]*))?>/g, (_, target, label) => label ?? target);
}

/** The tree of one line: strings and {type, …}. */
export function parseInline(text, depth = 0) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(unescape(plain));
    plain = "";
  };
  let index = 0;
  while (index < text.length) {
    const found = nodeAt(text, index, depth);
    if (found) {
      flush();
      nodes.push(found.node);
      index = found.end;
    } else {
      plain += text[index];
      index += 1;
    }
  }
  flush();
  return nodes;
}

function nodeAt(text, index, depth) {
  const character = text[index];
  if (character === "`") {
    const end = text.indexOf("`", index + 1);
    if (end > index + 1) return { node: { type: "code", text: unescape(labelsOnly(text.slice(index + 1, end))) }, end: end + 1 };
  } else if (character === "<") {
    const end = text.indexOf(">", index + 1);
    if (end > index + 1) return { node: { type: "reference", text: text.slice(index + 1, end) }, end: end + 1 };
  } else if (character === ":") {
    const code = /^:([a-z0-9_+'-]+):/.exec(text.slice(index, index + 60));
    if (code) return { node: { type: "emoji", name: code[1] }, end: index + code[0].length };
  } else if (Object.hasOwn(MARKS, character) && depth < DEEPEST) {
    const end = closingOf(text, index, character);
    if (end > 0) {
      return { node: { type: MARKS[character], children: parseInline(text.slice(index + 1, end), depth + 1) }, end: end + 1 };
    }
  }
  return null;
}

const isWordCharacter = (character) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Where the mark that opens at `open` closes, or -1: marks hold on to words from outside, never to spaces from inside. */
function closingOf(text, open, mark) {
  const after = text[open + 1];
  if (isWordCharacter(text[open - 1]) || after === undefined || /\s/.test(after) || after === mark) return -1;
  for (let index = open + 1; index < text.length; index += 1) {
    const character = text[index];
    if (character === "`" || character === "<") {
      const end = text.indexOf(character === "`" ? "`" : ">", index + 1);
      if (end > 0) index = end;
    } else if (character === mark && !/\s/.test(text[index - 1]) && !isWordCharacter(text[index + 1])) {
      return index;
    }
  }
  return -1;
}

/**
 * The text drawn. `names` resolves ids: {user(id) → name or null, channel(id) → name or null}.
 * Gives a list of nodes.
 */
export function render(text, names) {
  return parse(text).map((part) => {
    if (part.type === "code") return element("pre", { class: "code-block" }, element("code", {}, part.text));
    if (part.type === "quote") return element("blockquote", {}, drawLines(part.lines, names));
    if (part.type === "bullets") return element("ul", {}, part.lines.map((line) => element("li", {}, drawInline(line, names))));
    if (part.type === "numbers") {
      return element("ol", { start: part.start }, part.lines.map((line) => element("li", {}, drawInline(line, names))));
    }
    return element("div", { class: "lines" }, drawLines(part.lines, names));
  });
}

function drawLines(lines, names) {
  return lines.map((line, index) => [index > 0 && element("br"), drawInline(line, names)]);
}

function drawInline(nodes, names) {
  return nodes.map((node) => {
    if (typeof node === "string") return node;
    if (node.type === "code") return element("code", {}, node.text);
    if (node.type === "emoji") return emoji(node.name) ?? `:${node.name}:`;
    if (node.type === "reference") return drawReference(node.text, names);
    return element(node.type, {}, drawInline(node.children, names));
  });
}

function drawReference(text, names) {
  const [target, ...rest] = text.split("|");
  const label = rest.length ? unescape(rest.join("|")) : null;
  if (target.startsWith("@")) return mention("@", label ?? names.user(target.slice(1)) ?? target.slice(1), target.slice(1));
  if (target.startsWith("#")) return mention("#", label || (names.channel(target.slice(1)) ?? target.slice(1)), target.slice(1));
  if (target.startsWith("!date^")) return drawDate(target, label);
  if (target.startsWith("!subteam^")) return mention("@", (label ?? target.split("^")[1]).replace(/^@/, ""), target.split("^")[1]);
  if (/^!(here|channel|everyone)$/.test(target)) return element("span", { class: "mention everybody" }, `@${target.slice(1)}`);
  if (target.startsWith("!")) return label ?? unescape(`<${text}>`);
  const address = unescape(target);
  return element("span", { class: "link", title: `${address} — shown, not opened` }, label || address.replace(/^mailto:/, ""));
}

function mention(sign, name, id) {
  return element("span", { class: "mention", title: id }, `${sign}${name}`);
}

function drawDate(target, fallback) {
  const [, seconds, template = ""] = target.split("^");
  const text = dateText(seconds, unescape(template));
  if (text === null) return fallback ?? "";
  const date = instant(Number(seconds));
  return element("time", { datetime: date.toISOString(), title: inFull(date) }, text);
}

/** Plain text with its emoji: what headers, buttons and labels hold. Gives a list of nodes. */
export function renderPlain(text, withEmoji = true) {
  if (!withEmoji) return [text];
  return text.split(/(:[a-z0-9_+'-]+:)/).map((piece) => (/^:.+:$/.test(piece) ? (emoji(piece.slice(1, -1)) ?? piece) : piece));
}

/** A text object of Block Kit, `mrkdwn` or `plain_text`, drawn. */
export function renderText(object, names) {
  if (!object) return [];
  const text = String(object.text ?? "");
  return object.type === "mrkdwn" ? render(text, names) : renderPlain(text, object.emoji !== false);
}

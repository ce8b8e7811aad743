/** The page: reads everything whenever something changed, and hands each part to the module that draws it. */

import { get, getIfThere, listen, UNREACHABLE } from "./api.js";
import { callsTab } from "./calls.js";
import { composer } from "./composer.js";
import { conversation } from "./conversation.js";
import { byId } from "./dom.js";
import { HOME, home } from "./home.js";
import { intro } from "./intro.js";
import { modal } from "./modal.js";
import { remember, wanted } from "./place.js";
import { rulesTab } from "./rules.js";
import { DIRECT, drawSidebar } from "./sidebar.js";
import { tabs } from "./tabs.js";
import { tenantTab } from "./tenant.js";
import { markSeen, unreadIn } from "./unread.js";
import { workflowsTab } from "./workflows.js";

const asked = wanted();
let state = null;
let place = null; // {person, channel}
let reachable = true;
let talks = new Map(); // channel id → conversation of the person who acts

const names = {
  user: (id) => (id === state.bot.id ? state.bot.name : (state.people.find((person) => person.id === id)?.name ?? null)),
  channel: (id) => state.channels.find((channel) => channel.id === id)?.name ?? null,
  people: () => state.people,
  channels: () => state.channels,
  isBot: (id) => id === state.bot.id,
  role: (id) => state.people.find((person) => person.id === id)?.role ?? "",
};

const ABOUT = [
  [/approv/i, "Requests wait here for an approver."],
  [/alert/i, "What everybody responsible should know about."],
];

function about(channel) {
  if (channel === DIRECT) return "Only you and the bot.";
  if (channel === HOME) return "What the app shows to you alone.";
  const name = names.channel(channel) ?? "";
  return ABOUT.find(([pattern]) => pattern.test(name))?.[1] ?? "Type / to see what the bot can do.";
}

function placeName(channel) {
  if (channel === HOME) return `${state.bot.name}: Home`;
  return channel === DIRECT ? state.bot.name : `#${names.channel(channel)}`;
}

/** The place to start at: what the address asks for, where that exists. */
function firstPlace() {
  const person = state.people.find((item) => item.id === asked.person) ?? state.people[0];
  const channel = [DIRECT, HOME].includes(asked.channel) || names.channel(asked.channel) ? asked.channel : state.channels[0]?.id;
  return { person: person.id, channel: channel ?? DIRECT };
}

const form = modal({ person: () => place.person, names, refresh });
const talk = conversation({ scope: () => place, names, shortcuts: () => state.shortcuts ?? [], problem: (...given) => box.problem(...given), refresh });
const box = composer({ root: byId("composer-area"), scope: () => place, commands: () => state?.commands ?? [], shortcuts: () => state?.shortcuts ?? [], onSend: () => talk.follow(), refresh });
const own = home({ person: () => place.person, names, problem: (...given) => box.problem(...given), refresh });
const bar = tabs({
  entries: [{ id: "tenant", title: "Tenant" }, { id: "calls", title: "Calls" }, { id: "workflows", title: "Workflows" }, { id: "rules", title: "Rules" }],
  initial: asked.tab,
  onSelect: () => refresh(),
});
const tenant = tenantTab({ panel: bar.panel("tenant"), refresh });
const workflows = workflowsTab({ panel: bar.panel("workflows"), person: () => place.person, names, refresh });
const calls = callsTab({ panel: bar.panel("calls") });
const rules = rulesTab({ panel: bar.panel("rules") });
let welcome = null;

function go(move) {
  place = { ...place, ...move };
  if (move.person) talks = new Map();
  remember(place);
  box.problem(null);
  slidePanel(false);
  draw();
  if (place.channel === HOME) own.open();
  return refresh();
}

function draw() {
  drawSidebar({
    state,
    place,
    reachable,
    go,
    unread: (channel) => (talks.has(channel) ? unreadIn(place.person, channel, talks.get(channel)) : 0),
  });
  byId("channel-name").textContent = placeName(place.channel);
  byId("channel-about").textContent = about(place.channel);
  document.title = `${placeName(place.channel)} · Portcullis playground`;
  box.place(placeName(place.channel));
  const here = talks.get(place.channel);
  if (here) {
    markSeen(place.person, place.channel, here);
    talk.show(here, `${place.person} ${place.channel}`);
  }
}

async function readTalks({ person }) {
  const ids = [...state.channels.map((channel) => channel.id), DIRECT];
  const answers = await Promise.all(ids.map((channel) => get("/api/conversation", { as: person, channel })));
  return new Map(ids.map((id, index) => [id, answers[index]]));
}

async function readOnce() {
  state = await get("/api/state");
  if (!place) {
    place = firstPlace();
    remember(place);
    if (place.channel === HOME) own.open();
  }
  const asker = place;
  const [read, published, view, lists, broken, remarks] = await Promise.all([
    readTalks(asker),
    get("/api/home", { as: asker.person }),
    get("/api/view", { as: asker.person }),
    getIfThere("/api/tenant/lists", null),
    get("/api/violations"),
    getIfThere("/api/tenant/remarks", []),
  ]);
  if (asker.person !== place.person) return; // somebody else acts by now: the next reading is under way
  talks = read;
  welcome ??= intro({ state: () => state, place: () => place, go, compose: box.fill, suggest: workflows.suggest, hidden: asked.intro === "off" });
  draw();
  own.show(published.view, place.channel === HOME);
  form.show(view.view);
  tenant.show(lists);
  rules.show(broken, remarks);
  if (bar.current() === "workflows") workflows.show(state.steps ?? [], (await get("/api/steps")).runs);
  const count = broken.violations.length;
  bar.badge("rules", count ? String(count) : "✓", count ? "bad" : "good");
  if (bar.current() === "calls") {
    const [slackCalls, tenantCalls] = await Promise.all([get("/api/calls"), getIfThere("/api/tenant/calls", [])]);
    calls.show(slackCalls.calls, tenantCalls);
  }
}

let running = null;
let again = false;
let unread = ""; // why the last reading failed

/** Read everything anew. Calls that come while a reading runs are answered by one more reading after it. */
function refresh() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      try {
        await readOnce();
        if (unread) box.over(unread);
        unread = "";
      } catch (failure) {
        unread = failure.message;
        box.problem(unread);
      }
    } while (again);
    running = null;
    document.documentElement.dataset.ready = "true";
  })();
  return running;
}

/** In a narrow window the right column slides in and out. */
function slidePanel(open) {
  byId("rooms").classList.toggle("panel-open", open);
  byId("toggle-panel").setAttribute("aria-expanded", String(open));
}

byId("toggle-panel").addEventListener("click", () => {
  const open = !byId("rooms").classList.contains("panel-open");
  slidePanel(open);
  if (open) bar.focus();
});
byId("panel").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !byId("rooms").classList.contains("panel-open")) return;
  slidePanel(false);
  byId("toggle-panel").focus();
});

bar.select(bar.current());
listen({
  onChange: refresh,
  onReachable(now) {
    reachable = now;
    if (reachable) box.over(UNREACHABLE);
    if (state) draw();
  },
});

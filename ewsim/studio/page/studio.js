// The page's one connection, its state, and what its parts share.
//
// How to plug in: a part is a module `page/NAME.js` that exports `start(studio)`; it is imported below and named in
// `server.SCRIPTS`. It gets
//   studio.ask("alert.area", fields)      an action (ewsim/studio/actions.py): a promise of its answer; it fails with
//                                         an Error that has `.faults`, sentences for people
//   studio.on("state", f)                 f(state, revision) now and after every change; f(document) for other news
//   studio.tell("moment", time_s)        says something to the other parts of this page: they hear it with `on`
//   studio.state, studio.revision, studio.you    what is known now; `you` has id and role
//   studio.panel("alert")                 the section of a panel: start, alert, watch, help, class, leave
//   studio.make("button", { text, class, onclick, ... }, ...children)    an element; text is never taken as HTML
//   studio.words(text, { n: 3 })         in the reader's language; the English text must stand there as it is
//   studio.announce(sentence)             for who listens to the page
//   studio.faults(place, error)           shows the sentences of an error in a place; null clears them
//   studio.lists(sentences), studio.plain(sentence)    sentences of the studio as elements, and one as a text
//   studio.english(text)                  the English text of what stands on the page
//   studio.upload(file)                   a promise of the token that an action can take
//   studio.open("alert")                  goes to a panel
//   studio.map                            the map (report/templates/map.js)

import { makeMap } from "./map.js";
import * as begin from "./start.js";
import * as alert from "./alert.js";
import * as watch from "./watch.js";
import * as help from "./help.js";
import * as classroom from "./classroom.js";
import * as leaving from "./leaving.js";
import * as meanings from "./words.js";

const at = (id) => document.getElementById(id);
const language = document.documentElement.lang;
const waiting = new Map(), spoken = new Map(), hears = {}, queue = [];
let socket = null, number = 0, pause = 500, catalogue = {};

// --- words and elements -------------------------------------------------------------------------

const isolated = (value) => (document.dir === "rtl" ? `\u2068${value}\u2069` : String(value));

function words(text, values = {}) {
  const said = (catalogue[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) =>
    name in values ? isolated(values[name]) : whole);
  if (spoken.size > 5000) spoken.clear(); // numbers of every moment
  spoken.set(said, text);
  return said;
}
const english = (said) => spoken.get(said) ?? Object.keys(catalogue).find((text) => catalogue[text] === said) ?? said;

function make(tag, { text, ...given } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function announce(sentence) {
  at("status").textContent = "";
  requestAnimationFrame(() => { at("status").textContent = sentence; });
}

// Sentences as lists: those in the page's language, and those of files and their readers, which are English.
const plain = (one) => one.text ?? one;
function lists(sentences) {
  const line = (text) => text.match(/scenario\.yaml:(\d+):/)?.[1];
  const list = (rows, { dir, lang }) => make("ul", { lang, dir: lang && dir }, ...rows.map((one) => make("li", { text: plain(one), "data-line": line(plain(one)), lang, dir })));
  const own = sentences.filter((one) => !one.lang), english = sentences.filter((one) => one.lang);
  return [
    ...(own.length ? [list(own, { dir: "auto" })] : []),
    ...(english.length ? [make("p", { class: "lead", text: words("From files and readers, in English:") }), list(english, { lang: "en", dir: "ltr" })] : []),
  ];
}

function faults(place, error) {
  place.querySelector(":scope > .faults")?.remove();
  if (!error) return;
  const said = make("div", { class: "faults", role: "alert" }, ...lists(error.faults ?? [String(error.message ?? error)]));
  place.prepend(said);
  if (place.getAttribute("role") === "tabpanel") said.scrollIntoView({ block: "nearest" }); // forms stand far below
}

// --- the connection -------------------------------------------------------------------------------

function connect() {
  socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live?lang=${language}`);
  socket.addEventListener("open", () => {
    pause = 500;
    at("connection").hidden = true;
    for (const text of queue.splice(0)) socket.send(text);
    tell("connected", true);
  });
  socket.addEventListener("message", ({ data }) => hear(JSON.parse(data)));
  socket.addEventListener("close", () => {
    for (const [, { reject }] of waiting) reject(lost());
    waiting.clear();
    at("connection").textContent = words("The connection to the studio is lost. It comes back by itself once the studio runs; if that has a new code, open its new link.");
    at("connection").hidden = false;
    tell("connected", false);
    setTimeout(connect, pause);
    pause = Math.min(pause * 1.6, 5000);
  });
}

const wrong = (sentences) => Object.assign(new Error(sentences.map(plain).join(" ")), { faults: sentences });
const lost = () => new Error(words("The connection to the studio was lost. Try again."));

function hear(message) {
  if (message.state) {
    studio.state = message.state;
    studio.revision = message.revision;
    tell("state", message.state, message.revision);
  } else if (message.news) {
    tell(message.news, message.is);
  } else if (waiting.has(message.answer)) {
    const { resolve, reject } = waiting.get(message.answer);
    waiting.delete(message.answer);
    if (message.faults) reject(wrong(message.faults));
    else resolve(message);
  } else if (message.faults) {
    trouble(message.faults);
  }
}

function ask(name, fields = {}) {
  if (socket?.readyState !== WebSocket.OPEN) return Promise.reject(lost());
  const id = ++number;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    socket.send(JSON.stringify({ do: name, fields, id, revision: studio.revision }));
  });
}

function on(name, f) {
  (hears[name] ??= []).push(f);
  if (name === "state" && studio.state) f(studio.state, studio.revision);
}

function tell(name, ...what) {
  for (const f of hears[name] ?? []) {
    try {
      f(...what);
    } catch (error) {
      console.error(error); // the other parts go on
    }
  }
}

async function upload(file) {
  const name = encodeURIComponent(file.name).slice(0, 400);
  const answer = await fetch(`/upload?lang=${language}`, { method: "POST", body: file, headers: { "X-Name": name } });
  const said = await answer.json().catch(() => ({ faults: [lost().message] }));
  if (said.faults) throw wrong(said.faults);
  return said.upload;
}

function trouble(sentences) {
  at("trouble").replaceChildren(...lists(sentences));
  at("trouble").hidden = !sentences.length;
}

// --- panels ----------------------------------------------------------------------------------------

const tabs = [...at("tabs").children];

function open(name, focus = false) {
  for (const tab of tabs) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    at(tab.getAttribute("aria-controls")).hidden = !chosen;
    if (chosen && focus) tab.focus();
  }
  studio.opened = name;
  tell("opened", name);
}

at("tabs").addEventListener("click", ({ target }) => {
  if (target.role === "tab" || target.getAttribute("role") === "tab") open(target.id.slice(4));
});
at("tabs").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] * (document.dir === "rtl" ? -1 : 1);
  const here = tabs.indexOf(event.target);
  const there = { Home: 0, End: tabs.length - 1 }[event.key] ?? (here + step + tabs.length) % tabs.length;
  if (here < 0 || Number.isNaN(there)) return;
  event.preventDefault();
  open(tabs[there].id.slice(4), true);
});

// --- the map -----------------------------------------------------------------------------------------

const map = makeMap(at("map"), {
  high: () => Math.max(window.innerHeight - at("map").getBoundingClientRect().top - window.scrollY - 24, 260),
  shown: (name) => !studio.hides.has(name),
  fitted: ({ zoomed }) => { at("farther").disabled = !zoomed; },
  most: 64,
});
at("nearer").addEventListener("click", () => map.scene && map.zoom(2));
at("farther").addEventListener("click", () => map.scene && map.zoom(0.5));
new ResizeObserver(() => map.fit()).observe(at("map").parentElement);

// --- everything together ---------------------------------------------------------------------------------

const studio = {
  ask, on, tell, make, words, announce, faults, lists, plain, english, upload, open, trouble, map, language,
  state: null, revision: -1, you: { id: "", role: "observer" }, opened: "start",
  hides: new Set(), // layers of the map that are switched off
  panel: (name) => at(`panel-${name}`),
};

on("you", (you) => { studio.you = you; });
on("scene", (scene) => {
  at("nothing").hidden = true;
  trouble([]); // what was wrong with the country before
  map.show(scene);
});
on("faults", ({ of, faults: sentences }) => {
  const beside = of === "start.country" && studio.opened === "start"; // the panel says it
  if (!beside) trouble(sentences);
  if (beside) at("nothing").textContent = words("Choose a scenario, and its country appears here.");
  else if (of.endsWith("country")) at("nothing").textContent = words("There is no map yet. What is wrong stands above.");
});
on("building", () => { at("nothing").textContent = words("The country is being built …"); });
on("state", ({ start }) => {
  const { open: work } = start;
  at("title").textContent = work?.title || words("Studio");
  const leads = studio.you.role === "lead";
  at("about").textContent = work && leads ? words("Saved in {file}", { file: work.file }) : "";
  at("undo").disabled = !leads || !work?.undo;
  at("redo").disabled = !leads || !work?.redo;
  at("nothing").textContent = work ? words("The country is being built …") : words("Choose a scenario, and its country appears here.");
  if (!work) at("nothing").hidden = false;
});
for (const name of ["undo", "redo"]) {
  at(name).addEventListener("click", () => ask(`work.${name}`).then(
    () => announce(name === "undo" ? words("Taken back.") : words("Done again.")),
    ({ faults: sentences, message }) => trouble(sentences ?? [message]),
  ));
}
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.closest("input, textarea")) return;
  const name = { z: event.shiftKey ? "redo" : "undo", Z: "redo", y: "redo" }[event.key];
  if (!name || at(name).disabled) return;
  event.preventDefault();
  at(name).click();
});

for (const box of at("layers").querySelectorAll("input")) {
  box.addEventListener("change", () => {
    studio.hides[box.checked ? "delete" : "add"](box.value);
    map.draw();
  });
}

at("language").addEventListener("change", ({ target }) => {
  location.search = `?lang=${target.value}`;
});

function contrast(wanted) {
  document.documentElement.classList.toggle("contrast", wanted);
  at("contrast").setAttribute("aria-pressed", wanted);
}
at("contrast").addEventListener("click", () => {
  const wanted = !document.documentElement.classList.contains("contrast");
  contrast(wanted);
  localStorage.setItem("contrast", wanted);
});
contrast(localStorage.getItem("contrast") === "true" || matchMedia("(prefers-contrast: more)").matches);

try {
  if (language !== "en") catalogue = await (await fetch(`/words/${language}`)).json();
} catch {
  catalogue = {}; // English is better than nothing
}
open("start");
for (const module of [begin, alert, watch, help, classroom, leaving, meanings]) module.start(studio);
if ("WebSocket" in window) connect();
else {
  trouble([words("This browser has no websockets, which the studio needs. Use a newer one, or allow them.")]);
  for (const id of ["tabs", "guide", "nothing"]) at(id).hidden = true; // nothing else can be done
  document.querySelector("main").hidden = true;
}

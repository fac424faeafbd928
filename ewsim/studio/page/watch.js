// Send and watch: the alert is sent, time runs, and map and figures show the moment.
//
// One clock leads all pages: the state has the scenario's time at a moment of the wall clock, and its speed. Each page
// works out from it what to show, and how far its own clock is off from the message itself.

import { makeFigures, clockText } from "./figures.js";
import { makePalette } from "./palette.js";

const SPEEDS = [1, 10, 30, 60, 120, 300, 600];

export function start(studio) {
  const { make, words, map } = studio, panel = studio.panel("watch"), under = document.getElementById("under");
  let state = { sent: false, injects: [] }, skew_s = 0, own_s = null, moment = -1, asked = 0, film = null, stopped = null;

  const may = (...roles) => studio.you.role === "lead" || roles.includes(studio.you.role);
  const ask = (name, fields, place = panel) => studio.ask(name, fields).then(
    (answer) => { studio.faults(place, null); return answer; },
    (error) => { studio.faults(place, error); throw error; });
  const button = (text, onclick, more = {}) => make("button", { type: "button", text, onclick, ...more });
  const quietly = () => {}; // the sentences are on the page

  // --- the clock ----------------------------------------------------------------------------------

  const begins = () => Math.min(film?.time_s?.[0] ?? 0, 0);
  const ends = () => state.horizon_s ?? 0;

  function leads() {
    if (stopped) return stopped.time_s;
    const { time_s: time, speed, at_s: at } = state.clock ?? { time_s: 0, speed: 0, at_s: 0 };
    const passed = Math.max(Date.now() / 1000 + skew_s - at, 0);
    return Math.max(begins(), Math.min(time + passed * speed, ends()));
  }

  const shown = () => own_s ?? leads();
  const runs = () => !stopped && state.sent && state.clock?.speed > 0 && leads() < ends();

  // Without the studio time stands. One that was started again stands too, and goes on from there.
  studio.on("connected", (here) => {
    if (here || stopped || !state.sent) return;
    stopped = { time_s: leads(), speed: runs() ? state.clock.speed : 0 };
    show();
  });
  function resume() {
    const { time_s, speed } = stopped ?? {};
    stopped = null;
    if (speed && state.clock?.restarted && may()) ask("watch.play", { time_s, speed }).catch(quietly);
  }

  // --- the time line ------------------------------------------------------------------------------

  const time = make("output", { class: "clock", id: "clock", "aria-live": "off" });
  const slider = make("input", { type: "range", id: "time", step: 1, "aria-label": words("Time") });
  const marks = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  marks.setAttribute("class", "marks");
  marks.setAttribute("aria-hidden", "true");
  const play = button("", () => (runs() ? ask("watch.pause") : ask("watch.play", {
    speed: Number(speed.value), ...(shown() >= ends() ? { time_s: 0 } : {}),
  })).catch(quietly), { id: "play", class: "main" });
  const speed = make("select", { id: "speed" }, ...SPEEDS.map((n) => make("option", { value: n, text: words("{n} times", { n }) })));
  speed.value = "60";
  speed.addEventListener("change", () => runs() && ask("watch.play", { speed: Number(speed.value) }).catch(quietly));
  const leave = (to) => {
    const at = Math.max(begins(), Math.min(to, ends()));
    if (!may()) return look(at);
    return ask(runs() ? "watch.play" : "watch.pause", { time_s: at, ...(runs() ? { speed: state.clock.speed } : {}) })
      .then(() => { own_s = null; update(); }).catch(quietly);
  };
  const back = button(words("Back to the lesson"), () => { own_s = null; update(); }, { id: "lesson", hidden: true });
  const steps = [
    [words("To the decision"), () => leave(0), "⏮"], [words("A minute back"), () => leave(shown() - 60), "−1"],
    [words("A minute on"), () => leave(shown() + 60), "+1"],
  ].map(([label, does, sign]) => button(sign, does, { "aria-label": label, title: label, dir: "ltr" }));
  const speeds = make("label", {}, `${words("Speed")} `, speed);
  const standing = make("span", { class: "note", role: "status" });
  const line = make("section", { class: "line", "aria-label": words("Time line"), hidden: true },
    make("div", { class: "row" }, time, play, speeds, ...steps, back, standing),
    make("div", { class: "slide" }, slider, marks));
  under.append(line);

  // Whoever does not lead may look around, and comes back.
  function look(at) {
    own_s = at;
    update();
  }
  slider.addEventListener("input", () => look(Number(slider.value)));
  slider.addEventListener("change", () => { if (may()) leave(Number(slider.value)); });

  function drawMarks() {
    marks.replaceChildren();
    const wide = ends() - begins();
    if (!(wide > 0)) return;
    const mark = (at, kind) => {
      if (at === null || at < begins() || at > ends()) return;
      const stroke = document.createElementNS("http://www.w3.org/2000/svg", "line");
      const x = `${(((at - begins()) / wide) * 100).toFixed(2)}%`;
      for (const [name, value] of Object.entries({ x1: x, x2: x, y1: 0, y2: 10, class: kind })) stroke.setAttribute(name, value);
      marks.append(stroke);
    };
    for (const { at_s: at, over_s: over } of state.injects) {
      mark(at, "bad");
      mark(over, "good");
    }
    for (const { at_s: at } of state.later ?? []) mark(at, "sent");
  }

  // --- the panel ----------------------------------------------------------------------------------

  const send = button(words("Send the alert"), () => ask("watch.send")
    .then(() => studio.announce(words("The alert is sent. The run is being worked out."))).catch(quietly), { class: "main", id: "send" });
  const plan = button(words("Take it back and plan on"), () => ask("watch.plan")
    .then(() => studio.announce(words("The alert is taken back."))).catch(quietly), { id: "plan" });
  const busy = make("span", { class: "busy", role: "status" });
  const about = make("p", { class: "note" });
  const wrong = make("div");
  const figures = makeFigures(studio, (at) => leave(at));
  const palette = makePalette(studio, { ask, may, shown, leave });
  panel.append(make("h2", { text: words("Send and watch") }), make("div", { class: "row" }, send, plan, busy), about, wrong,
    palette.element);
  under.append(figures.element);

  function update() {
    if (!line.isConnected || !state.sent) return;
    const at = shown(), text = clockText(at);
    if (time.textContent !== text) {
      time.textContent = text;
      if (document.activeElement !== slider || own_s === null) slider.value = String(Math.round(at));
      slider.setAttribute("aria-valuetext", text);
      palette.at(at);
      studio.tell("moment", at, state.clock?.speed > 0);
    }
    back.hidden = own_s === null || may();
    const label = runs() ? words("Pause") : words("Play");
    if (play.textContent !== label) play.textContent = label;
    if (!film) return;
    const now = map.momentAt(at);
    if (now !== moment) {
      moment = now;
      map.at(moment);
      figures.at(moment);
    }
    figures.now(at);
  }

  function tick() {
    asked = 0;
    const further = runs(); // before the moment is shown, so that the last one is
    update();
    if (further) again();
  }
  function again() {
    if (!asked) asked = requestAnimationFrame(tick);
  }

  function show() {
    const { sent, running } = state;
    line.hidden = !sent;
    send.hidden = sent || !may("authority");
    plan.hidden = !sent || !may("authority");
    send.disabled = !studio.state?.start?.open;
    for (const part of [play, speeds, ...steps]) part.hidden = !may();
    for (const part of [play, speed, slider, ...steps]) part.disabled = Boolean(stopped);
    busy.textContent = running ? words("Working it out …") : "";
    standing.textContent = stopped ? words("Time stands until the studio is back.") : "";
    about.textContent = sent
      ? words("Every change is followed by a run. What is placed comes after the moment that is shown.")
      : words("Send the alert as it is planned; then time runs, and you can place what happens on the map.");
    studio.faults(wrong, state.faults?.length ? { faults: state.faults } : null);
    if (state.clock?.speed) speed.value = String(SPEEDS.find((n) => n >= state.clock.speed) ?? 600);
    slider.min = String(Math.floor(begins()));
    slider.max = String(Math.round(ends()));
    slider.step = String(Math.max(1, Math.round((ends() - begins()) / 720)));
    figures.element.hidden = !sent;
    palette.show(state);
    drawMarks();
    update();
    again();
  }

  studio.on("state", ({ watch }) => {
    if (!watch) return;
    if (typeof watch.now_s === "number") skew_s = watch.now_s - Date.now() / 1000;
    state = { injects: [], ...watch };
    resume();
    if (may() && document.activeElement !== slider) own_s = null;
    show();
  });
  studio.on("you", show);
  studio.on("scene", (scene) => {
    film = state.sent ? scene : null;
    moment = -1;
    show();
  });
  studio.on("watch.figures", (document_) => {
    film = map.scene ?? film;
    figures.show(film, document_);
    moment = -1;
    show();
    studio.announce(words("{reached} of {people} people in the area are reached in the end.", {
      reached: figures.number(document_.reached), people: figures.number(document_.in_area),
    }));
  });
}

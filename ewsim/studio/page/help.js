// What would help: measures and arms as buttons, one of them beside the scenario, with the slider of the lesson.

import { makeMap } from "./map.js";

export function start(studio) {
  const { make, words } = studio, panel = studio.panel("help");
  const number = (value) => Math.round(value).toLocaleString(studio.language);
  const signed = (value) => (value > 0 ? `+${number(value)}` : number(value).replace("-", "\u2212"));
  const button = (text, onclick, more = {}) => make("button", { type: "button", text, onclick, ...more });
  let state = { arms: [], measures: null, busy: "" }, sent = false, shown = null, time = null, counted = { done: 0, of: 0 };
  let said = {}; // what the measures are in the reader's language

  const say = (error) => studio.faults(panel, error);
  const ask = (name, fields) => studio.ask(name, fields).then((answer) => { say(null); return answer; }, say);

  // --- the second map -------------------------------------------------------------------------------

  const canvas = make("canvas", { role: "img", tabindex: "0" });
  const figure = make("figure", { class: "map" }, canvas);
  const map = makeMap(canvas, { high: (wide) => wide, shown: (name) => !studio.hides.has(name), most: 64 });
  new ResizeObserver(() => map.fit()).observe(figure);
  let following = false;
  const together = (from, to) => from.on("moved", (look) => {
    if (following || !shown) return;
    following = true;
    to.goTo(look);
    following = false;
  });
  together(map, studio.map);
  together(studio.map, map);

  function moment() {
    if (shown) map.at(map.momentAt(time ?? Infinity));
  }
  studio.on("moment", (at) => { time = at; moment(); });

  // Won: a filled disc. Lost: an empty ring. Their area is that of the number of people.
  map.layer("won", {
    order: 8,
    draw(pen, view) {
      if (!shown) return;
      const { side, column, row, won, lost } = shown.squares, most = Math.max(...won, ...lost, 1);
      column.forEach((x, i) => {
        const middle = [view.x((x + 0.5) * side), view.y((row[i] + 0.5) * side)];
        const disc = (people) => {
          pen.beginPath();
          pen.arc(...middle, (1.5 + 6.5 * Math.sqrt(people / most)) * view.sharp, 0, 7);
        };
        if (won[i]) {
          disc(won[i]);
          pen.fillStyle = "rgba(0, 64, 110, 0.75)";
          pen.fill();
          pen.strokeStyle = "#fff";
          pen.lineWidth = view.sharp;
          pen.stroke();
        }
        if (lost[i]) {
          disc(lost[i]);
          pen.strokeStyle = "#8b0f5c";
          pen.lineWidth = 1.5 * view.sharp;
          pen.stroke();
        }
      });
    },
  });

  // --- what is beside -------------------------------------------------------------------------------

  const title = make("h3", { dir: "auto" }), answer = make("p"), chance = make("p", { role: "status" });
  const sure = button(words("How much of this is chance?"), () => { counted = { done: 0, of: 0 }; ask("help.range"); });
  const beside = make("section", { class: "card", hidden: true }, title, answer, figure,
    make("p", { class: "note", text: words("Filled discs: people won. Empty rings: people lost. Both maps show the same moment.") }),
    make("div", { class: "row" }, sure), chance);

  const named = (name) => [...state.arms, ...(state.measures ?? [])].find((one) => one.name === name)?.words ?? name;
  const inWords = (english) => said[english] ?? words(english); // the title of an arm stands as it is written
  const measure = (name) => inWords(named(name));

  function drawBeside() {
    beside.hidden = !shown;
    if (!shown) return;
    title.textContent = measure(shown.name);
    const { before, after, won, lost, in_area: whole } = shown;
    answer.textContent = words("{before} of {whole} people are reached as it stands, {after} with this: {won} won, {lost} lost.", {
      before: number(before), after: number(after), whole: number(whole), won: number(won), lost: number(lost),
    });
    canvas.setAttribute("aria-label", `${words("Map with this measure:")} ${answer.textContent}`);
    const range = state.range?.name === shown.name ? state.range : null;
    sure.hidden = Boolean(range);
    sure.disabled = state.busy !== "";
    chance.textContent = range ? words("In {n} pairs of runs it wins {mean} people on average, {low} to {high} in 95 % of them.", {
      n: range.runs, mean: signed(range.mean), low: signed(range.low), high: signed(range.high),
    }) : state.busy === "range" ? words("{done} of {of} pairs of runs are done.", { done: counted.done, of: counted.of }) : "";
  }

  studio.on("help.beside", (document) => {
    shown = document;
    drawBeside();
    if (!shown) return;
    map.show(shown.scene);
    moment();
    studio.announce(answer.textContent);
  });
  studio.on("help.progress", (progress) => { counted = progress; drawBeside(); });

  // --- what there is to try ---------------------------------------------------------------------------

  const look = button(words("Look for what would help"), () => ask("help.measures"), { class: "main" });
  const busy = make("p", { role: "status" }), list = make("div");
  panel.replaceChildren(make("h2", { text: words("What would help") }),
    make("p", { class: "note", text: words("Each measure is a run of its own with the same people and the same chance, laid beside the scenario person by person.") }),
    make("div", { class: "row" }, look), busy, beside, list);

  function card(of, { name, words: english, net_people: net, low_people: low, high_people: high }) {
    const text = inWords(english), fields = { of, name }, label = (what) => ({ "aria-label": `${what}: ${text}` });
    const [show, take] = [words("Lay beside"), words("Take it into the scenario")];
    return make("li", { class: "card" }, make("h4", { text, dir: "auto" }),
      net === undefined ? null : make("p", { text: low === null || low === undefined
        ? words("{net} people", { net: signed(net) })
        : words("{net} people ({low} to {high})", { net: signed(net), low: signed(low), high: signed(high) }) }),
      make("div", { class: "row" },
        button(show, () => ask("help.beside", fields), { ...label(show), disabled: !sent || state.busy !== "" }),
        button(take, () => ask("help.take", fields).then((done) => done && studio.announce(words("It is in the scenario. Undo takes it back."))),
          { ...label(take), disabled: state.busy !== "" })));
  }

  function draw() {
    look.disabled = state.busy !== "" || !studio.state?.start.open;
    busy.textContent = state.busy === "measures" ? words("Every measure is being tried. You can go on meanwhile.")
      : state.busy === "beside" ? words("Working it out …")
        : sent ? "" : words("Send the alert first: then a measure can be laid beside it, with one slider.");
    const rows = [];
    if (state.measures) {
      rows.push(make("h3", { text: words("Measures") }), make("ul", { class: "cards" }, ...state.measures.map((one) => card("measures", one))));
    }
    if (state.arms.length) {
      rows.push(make("h3", { text: words("Arms of the scenario") }), make("ul", { class: "cards" }, ...state.arms.map((one) => card("arms", one))));
    }
    if (state.not_tried?.length) {
      rows.push(make("details", { class: "card" }, make("summary", { text: words("Not tried, and why") }),
        make("ul", {}, ...state.not_tried.map((one) => make("li", { dir: "auto", text: `${inWords(one.words)}: ${inWords(one.reason)}` })))));
    }
    list.replaceChildren(...rows);
    drawBeside();
  }

  studio.on("state", (now) => {
    const text = JSON.stringify([now.help, now.watch?.sent, now.start.open?.name]);
    if (draw.was === text) return; // nothing is taken from under a reader's hands
    draw.was = text;
    state = { arms: [], measures: null, busy: "", ...now.help };
    sent = Boolean(now.watch?.sent);
    draw();
    const first = state.measures?.[0] ?? state.not_tried?.[0];
    if (!first || studio.language === "en" || studio.you.role !== "lead" || first.words in said) return;
    studio.ask("help.words", { language: studio.language }).then(({ texts }) => {
      said = texts;
      draw();
    }, () => {});
  });
}

// The figures beside the map: reach by channel over time, causes, places, first phone to last.

const SVG = "http://www.w3.org/2000/svg", WIDE = 640, HIGH = 200;

// A moment as hours, minutes and seconds since the decision.
export function clockText(seconds) {
  const whole = Math.round(Math.abs(seconds)), two = (n) => String(n).padStart(2, "0");
  const text = `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return seconds < 0 && whole ? `\u200e\u2212${text}` : text;
}

const svg = (tag, given, ...children) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

export function makeFigures(studio, go) {
  const { make, words } = studio, figure = new Intl.NumberFormat(studio.language, { maximumFractionDigits: 0 });
  const number = (n) => figure.format(n);
  const share = (part, whole) => (whole ? `${new Intl.NumberFormat(studio.language, { maximumFractionDigits: 1 }).format((100 * part) / whole)} %` : "–");
  const when = (seconds) => (seconds === null ? "–" : clockText(seconds));
  let film = null, answer = null, moment = 0, rows = {};

  // Texts of the run that the page can say in the reader's language.
  words("First masts fail"), words("First masts are back"), words("Decision to warn"), words("Alert approved");
  words("First cell on air"), words("First people reached"), words("End of the run");
  const known = (text) => {
    const low = text[0].toLowerCase() + text.slice(1), said = words(text) === text ? words(low) : words(text);
    return said === low ? text : said[0].toUpperCase() + said.slice(1);
  };
  function named(text) {
    const reached = /^(\d+) % reached$/.exec(text), over = /^Over: (.*)$/.exec(text);
    if (reached) return words("{n} % reached", { n: reached[1] });
    return over ? words("Over: {what}", { what: known(over[1]) }) : known(text);
  }

  const headline = make("p", { class: "headline", id: "reached" });
  const about = make("p", { class: "note", id: "about-masts" });
  const chart = make("figure", { class: "chart" });
  const channels = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": words("Reach by channel") });
  const causes = make("div"), places = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": words("Places") });
  const events = make("ol", { class: "events" });
  const details = (title, ...children) => make("details", {}, make("summary", { text: title }), ...children);
  const element = make("section", { class: "figures", hidden: true, "aria-label": words("Figures") },
    make("h2", { class: "away", text: words("Figures") }),
    make("div", {}, headline, about, chart, make("h3", { text: words("Reach by channel") }), channels),
    make("div", {}, make("h3", { text: words("Why people are not reached") }), causes,
      details(words("Places"), places), details(words("Events"), events)));

  const head = (...names) => make("thead", {}, make("tr", {}, ...names.map((text, i) =>
    make("th", { scope: "col", text, class: i ? "n" : "" }))));
  const cell = (text, id) => make("td", { class: "n", text, ...(id ? { id } : {}) });

  // --- the curve ------------------------------------------------------------------------------------

  const left = () => film.time_s[0], span = () => Math.max(film.time_s.at(-1) - left(), 1);
  const across = (seconds) => ((seconds - left()) / span()) * WIDE;

  function drawChart() {
    const whole = Math.max(film.whole, 1), lines = [];
    answer.channels.forEach(({ name }, n) => {
      const people = film.counts.reached[name];
      const points = film.time_s.map((t, i) => `${across(t).toFixed(1)},${(HIGH - (people[i] / whole) * HIGH).toFixed(1)}`);
      lines.push(svg("polyline", { points: points.join(" "), class: `curve c${n % 6}` }));
    });
    const now = svg("line", { y1: 0, y2: HIGH, x1: 0, x2: 0, class: "now" });
    rows.now = now;
    const grid = [0.25, 0.5, 0.75].map((part) => svg("line", { x1: 0, x2: WIDE, y1: HIGH * part, y2: HIGH * part, class: "grid" }));
    const label = words("People reached over time, by channel; the table below has the same figures.");
    const drawing = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
      ...grid, ...lines, now);
    const ends = make("p", { class: "ends", "aria-hidden": "true" }, make("span", { text: clockText(left()) }),
      make("span", { text: words("100 % is {people} people", { people: number(film.whole) }) }), make("span", { text: clockText(film.time_s.at(-1)) }));
    chart.replaceChildren(drawing, ends, details(words("The curve as a table"), table()));
  }

  function table() {
    const names = answer.channels, count = film.time_s.length, wanted = Math.min(12, count);
    const body = Array.from({ length: wanted }, (_, i) => {
      const at = left() + (span() * (i + 1)) / wanted, k = Math.max(film.time_s.findLastIndex((t) => t <= at + 0.05), 0);
      return make("tr", {}, make("th", { scope: "row", text: clockText(at) }),
        ...names.map(({ name }) => cell(number(film.counts.reached[name][k]))));
    });
    return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": words("The curve as a table") },
      make("table", {}, head(words("Time"), ...names.map((one) => known(one.words))), make("tbody", {}, ...body)));
  }

  // --- tables -----------------------------------------------------------------------------------------

  function show(scene, figures) {
    film = scene;
    answer = figures;
    rows = { channels: {}, places: [] };
    if (!film?.counts?.reached?.any || !film.time_s?.length) return;
    drawChart();
    const row = (title, cells) => make("tr", {}, make("th", { scope: "row", text: title }), ...cells);
    rows.channels = Object.fromEntries(answer.channels.map(({ name }) => [name, cell("")]));
    const each = (of) => answer.channels.map((one) => cell(of(one)));
    const keys = answer.channels.map((one, n) => make("th", { scope: "col", class: "n" },
      make("span", { class: `key c${n % 6}`, "aria-hidden": "true" }), known(one.words)));
    channels.replaceChildren(make("table", {}, make("thead", {}, make("tr", {}, make("td"), ...keys)), make("tbody", {},
      row(words("Now"), Object.values(rows.channels)), row(words("In the end"), each(({ people }) => number(people))),
      row(words("First reached at"), each((one) => when(one.first_s))), row(words("Half of them at"), each((one) => when(one.half_s))),
      row(words("Nine in ten at"), each((one) => when(one.most_s))), row(words("Last at"), each((one) => when(one.last_s))))));
    rows.coming = cell("", "coming");
    const outside = answer.outside ? make("p", { class: "note", text: words("{people} people outside the area are reached too.", { people: number(answer.outside) }) }) : null;
    causes.replaceChildren(make("table", {}, make("tbody", {},
      make("tr", {}, make("th", { scope: "row", text: words("reached later") }), rows.coming),
      ...answer.causes.map((one) => make("tr", {}, make("th", { scope: "row", text: known(one.words) }), cell(number(one.people)))))),
    ...(outside ? [outside] : []));
    rows.places = film.places.map(() => [cell(""), cell("")]);
    places.replaceChildren(make("table", {}, head(words("Place"), words("People"), words("Reached"), words("Share")),
      make("tbody", {}, ...film.places.map((place, i) => make("tr", {},
        make("th", { scope: "row", text: place.name, dir: "auto" }), cell(number(place.people)), ...rows.places[i])))));
    events.replaceChildren(...answer.milestones.map(({ time_s: at, words: text }) => make("li", {},
      make("button", { type: "button", class: "link", text: `${clockText(at)} ${named(text)}`, onclick: () => go(at) }))));
    at(Math.min(moment, film.time_s.length - 1));
  }

  function at(wanted) {
    moment = wanted;
    if (!rows.coming || !film?.counts?.reached) return;
    const index = Math.min(wanted, film.time_s.length - 1);
    const { reached, serving, on_air: onAir } = film.counts, any = reached.any[index];
    headline.textContent = words("{reached} of {people} reached: {share}", {
      reached: number(any), people: number(film.whole), share: share(any, film.whole),
    });
    headline.dataset.people = any;
    headline.dataset.timeS = film.time_s[index];
    const silent = film.signal?.people[index] ?? 0;
    about.textContent = [words("{serving} of {cells} cells in service, {sending} on air", {
      serving: number(serving[index]), cells: number(film.cells), sending: number(onAir[index]),
    }), ...(silent ? [words("{n} people have lost their signal", { n: number(silent) })] : [])].join("; ");
    for (const [name, one] of Object.entries(rows.channels)) one.textContent = number(reached[name][index]);
    rows.coming.textContent = number(answer.reached - any);
    film.places.forEach((place, i) => {
      rows.places[i][0].textContent = number(place.reached[index]);
      rows.places[i][1].textContent = share(place.reached[index], place.people);
    });
  }

  function now(seconds) {
    if (!rows.now) return;
    const x = across(seconds).toFixed(1);
    rows.now.setAttribute("x1", x);
    rows.now.setAttribute("x2", x);
  }

  return { element, show, at, now, number };
}

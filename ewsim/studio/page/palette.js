// The palette: what fails and who comes, placed on the map and on the time line; and what the authority sends later.

import { clockText } from "./figures.js";

export function makePalette(studio, { ask, may, shown, leave }) {
  const { make, words, map } = studio;
  let state = { injects: [] }, place = null, at_s = 0, listed = "";

  const ITEMS = {
    power_off: { text: words("Power off here"), needs: ["place", "radius"] },
    link_cut: { text: words("Link cut"), needs: ["mast"] },
    mast_lost: { text: words("Mast lost"), needs: ["mast"] },
    restored: { text: words("Restored"), needs: ["loss", "mast"] },
    deployable: { text: words("Deployable arrives"), needs: ["place", "unit"] },
    hazard: { text: words("Hazard moves here"), needs: ["place", "hazard", "radius"] },
  };
  const UNITS = {
    cow: words("cell on a trailer"), colt: words("cell on a light truck"), drone: words("drone on a cable"), ship: words("ship"),
    haps: words("platform in the stratosphere"), satellite_terminal: words("satellite terminal at a mast"),
  };
  const HAZARDS = { flood: words("a new flood"), wildfire: words("a new wildfire") };

  // --- the form ---------------------------------------------------------------------------------------

  const field = (text, input, more = {}) => make("label", { class: "field", ...more }, make("span", { text }), input);
  const numeric = (given) => make("input", { type: "number", step: "any", ...given });
  const choice = (name, value, text) => {
    const input = make("input", { type: "radio", name, value, id: `${name}-${value}`, onchange: choose });
    return make("label", { class: "choice", for: input.id }, input, ` ${text}`);
  };
  const choices = Object.fromEntries(Object.entries(ITEMS).map(([name, { text }]) => [name, choice("item", name, text)]));
  const lat = numeric({ id: "inject-lat", min: -90, max: 90, oninput: typed });
  const lon = numeric({ id: "inject-lon", min: -180, max: 180, oninput: typed });
  const mast = make("input", { id: "inject-mast", list: "inject-masts", autocomplete: "off", dir: "auto" });
  const masts = make("datalist", { id: "inject-masts" });
  const radius = numeric({ id: "inject-radius", min: 0.1, max: 500, value: 3, oninput: () => map.draw() });
  const unit = make("select", { id: "inject-unit" }, ...Object.entries(UNITS).map(([value, text]) => make("option", { value, text })));
  const setup = numeric({ id: "inject-setup", min: 0 });
  const loss = make("select", { id: "inject-loss" }), hazard = make("select", { id: "inject-hazard" });
  const when = numeric({ id: "inject-when" });
  unit.value = "colt";
  const parts = {
    place: make("div", { class: "row" }, field(words("Latitude"), lat), field(words("Longitude"), lon)),
    mast: field(words("Mast; empty: the one at the place"), make("span", {}, mast, masts)),
    radius: field(words("Radius [km]"), radius),
    unit: make("div", { class: "row" }, field(words("Which"), unit), field(words("Time to set up [min]; empty: as usual"), setup)),
    loss: field(words("What is restored"), loss),
    hazard: field(words("Which hazard"), hazard),
  };
  const whole = make("p", { class: "note", text: words("All that this loss took comes back, not one place of it alone.") });
  const put = make("button", { type: "submit", class: "main", text: words("Place it") });
  const form = make("form", { id: "palette" },
    make("fieldset", {}, make("legend", { text: words("What happens") }), make("div", { class: "choices" }, ...Object.values(choices))),
    make("p", { class: "note", text: words("Point at the map, or press Enter on it to take its middle, or write the place here.") }),
    parts.hazard, parts.loss, whole, parts.place, parts.mast, parts.radius, parts.unit,
    field(words("When [min after the decision]; empty: at the moment that is shown"), when), put);
  form.querySelector("input").checked = true;

  const chosen = () => form.querySelector("input[name=item]:checked")?.value;
  const seconds = (input) => (input.value === "" ? undefined : Math.round(Number(input.value) * 60));

  function choose() {
    const needs = ITEMS[chosen()]?.needs ?? [], atMast = needs.includes("unit") && unit.value === "satellite_terminal";
    for (const [name, part] of Object.entries(parts)) {
      part.hidden = !(needs.includes(name) || (name === "place" && needs.includes("mast")) || (name === "mast" && atMast));
    }
    whole.hidden = !needs.includes("loss");
    map.draw();
  }
  unit.addEventListener("change", choose);

  function typed() {
    place = lat.value === "" || lon.value === "" ? null : [Number(lat.value), Number(lon.value)];
    map.draw();
  }

  function point(latitude, longitude, index) {
    place = [latitude, longitude];
    lat.value = latitude.toFixed(4);
    lon.value = longitude.toFixed(4);
    if (!parts.mast.hidden) mast.value = index >= 0 ? map.scene.masts.names[index] : "";
    map.draw();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const item = chosen(), needs = ITEMS[item].needs, fields = { item, at_s: seconds(when) };
    if (place) [fields.lat, fields.lon] = place;
    if (!parts.mast.hidden && mast.value) fields.mast = mast.value;
    if (needs.includes("radius")) fields.radius_m = Number(radius.value) * 1000;
    if (needs.includes("unit")) [fields.unit, fields.setup_s] = [unit.value, seconds(setup)];
    if (needs.includes("loss") && loss.value) fields.of = loss.value;
    if (needs.includes("hazard")) fields.of = hazard.value;
    put.disabled = true;
    ask("watch.inject", JSON.parse(JSON.stringify(fields)), form).then(
      ({ id }) => studio.announce(words("{id} is placed.", { id })), () => {},
    ).finally(() => { put.disabled = false; });
  });

  // --- what is sent later -------------------------------------------------------------------------------

  const does = make("select", { id: "later-do" }, ...Object.entries({
    update: words("update the message"), cancel: words("cancel with an all-clear"), stop: words("stop the broadcast"),
  }).map(([value, text]) => make("option", { value, text })));
  const text = make("textarea", { id: "later-text", rows: 3, maxlength: 5000, dir: "auto" }), later = numeric({ id: "later-when", min: 0 });
  const follow = make("form", { id: "later" },
    field(words("What the authority does"), does), field(words("New text; empty: the same, or a plain all-clear"), text),
    field(words("When [min after the decision]; empty: at the moment that is shown"), later),
    make("button", { type: "submit", text: words("Send it") }));
  follow.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = { do_what: does.value, text: text.value, at_s: seconds(later) };
    ask("watch.later", JSON.parse(JSON.stringify(fields)), follow).then(() => studio.announce(words("It is sent.")), () => {});
  });

  // --- what is placed -------------------------------------------------------------------------------------

  const list = make("ul", { class: "injects" }), placed = make("div", {}, list);
  const sender = make("details", { class: "card" }, make("summary", { text: words("Update, cancel, stop") }), follow);
  const element = make("div", { class: "palette" },
    make("h3", { text: words("Place what happens") }), form, sender, make("h3", { text: words("Placed so far") }), placed);

  const line = (at, title, ...more) => make("li", {},
    make("button", { type: "button", class: "link", text: `${clockText(at)} ${title}`, onclick: () => leave(at) }), ...more);

  function rows() {
    const injects = [...state.injects].sort((one, other) => one.at_s - other.at_s).map(({ id, words: title, at_s: at, over_s: over, ends }) => line(at, `${words(title)} (${id})`,
      over === null ? null : make("span", { class: "note", text: ` ${words("over at {time}", { time: clockText(over) })}` }),
      ends && over === null && may("operator") ? make("button", {
        type: "button", text: words("Restore now"), "aria-label": `${words("Restore now")}: ${id}`, title: whole.textContent,
        onclick: () => ask("watch.inject", { item: "restored", of: id }, placed).then(() => studio.announce(words("{id} is restored.", { id })), () => {}),
      }) : null));
    const sent = (state.later ?? []).map(({ do: name, at_s: at }) =>
      line(at, { update: words("the message is updated"), cancel: words("the alert is cancelled"), stop: words("the broadcast is stopped"), geofencing_trigger: words("phones compare their place again") }[name] ?? name));
    return injects.length + sent.length ? [...injects, ...sent] : [make("li", { class: "note", text: words("Nothing so far.") })];
  }

  function options(select, pairs) {
    const before = select.value;
    select.replaceChildren(...pairs.map(([value, label]) => make("option", { value, text: label, dir: "auto" })));
    if (pairs.some(([value]) => value === before)) select.value = before;
  }

  function show(given) {
    state = given;
    form.hidden = !may("operator");
    sender.hidden = !may("authority") || !state.updates || !state.sent;
    for (const [name, label] of Object.entries(choices)) {
      label.hidden = !may(...(["restored", "deployable"].includes(name) ? ["operator"] : []));
    }
    const first = Object.values(choices).find((label) => !label.hidden)?.querySelector("input");
    if (choices[chosen()]?.hidden && first) first.checked = true;
    const now = JSON.stringify([state.injects, state.later, studio.you.role]);
    if (now !== listed) {
      listed = now;
      const lost = state.injects.filter((one) => one.ends).map(({ id, words: title }) => [id, `${words(title)} (${id})`]);
      options(loss, [["", words("what has failed at the place")], ...lost]);
      options(hazard, (state.hazards ?? []).map((id) => [id, HAZARDS[id] ?? id]));
      list.replaceChildren(...rows());
    }
    choose();
  }

  studio.on("scene", (scene) => {
    const names = [...new Set(scene.masts.names)].slice(0, 2000);
    masts.replaceChildren(...names.map((value) => make("option", { value })));
  });

  // --- on the map -------------------------------------------------------------------------------------------

  const open = () => studio.opened === "watch" && may("operator");
  map.on("press", ({ lat: y, lon: x, mast: index }) => {
    if (!open()) return false;
    point(y, x, index);
    return false; // the map may still be moved
  });
  map.on("key", ({ event }) => {
    if (!open() || event.key !== "Enter") return false;
    const { width, height } = map.canvas;
    point(...map.toDegrees(width / 2, height / 2), map.pick(width / 2, height / 2));
    studio.announce(words("The middle of the map is taken: {lat}, {lon}.", { lat: lat.value, lon: lon.value }));
    return true;
  });
  for (const name of ["focus", "blur"]) map.canvas.addEventListener(name, () => map.draw());
  studio.on("opened", () => map.draw());

  function spots(one) {
    const found = one.places.map((there) => map.toPixels(...there));
    for (const name of one.masts) {
      const i = map.scene.masts.names.indexOf(name);
      if (i >= 0) found.push([map.view.x(map.masts.x[i] / 100), map.view.y(map.masts.y[i] / 100)]);
    }
    return [...found, ...one.circles.map(([y, x]) => map.toPixels(y, x))];
  }

  function ring(pen, view, [y, x, metres], dashed) {
    pen.beginPath();
    pen.arc(...map.toPixels(y, x), (metres / 1000) * view.km, 0, 7);
    pen.setLineDash(dashed ? [5 * view.sharp, 4 * view.sharp] : []);
    pen.stroke();
    pen.setLineDash([]);
  }

  function draw(pen, view) {
    if (!map.scene) return;
    const s = view.sharp;
    for (const one of state.injects) {
      const begun = one.at_s <= at_s, over = one.over_s !== null && one.over_s <= at_s;
      pen.strokeStyle = pen.fillStyle = over || !begun ? "#666" : one.kind === "deployable" ? "#003a63" : "#a3200a";
      pen.lineWidth = 2 * s;
      for (const circle of one.circles) ring(pen, view, circle, !begun);
      for (const [x, y] of spots(one)) {
        pen.beginPath();
        for (const [dx, dy] of [[0, -8], [8, 0], [0, 8], [-8, 0]]) pen.lineTo(x + dx * s, y + dy * s);
        pen.closePath();
        if (begun && !over) pen.fill();
        pen.stroke();
      }
    }
    if (!open()) return;
    pen.strokeStyle = "#1a1a1a";
    pen.lineWidth = 2 * s;
    if (place) {
      const [x, y] = map.toPixels(...place);
      cross(pen, x, y, 10 * s);
      if (!parts.radius.hidden) ring(pen, view, [...place, Number(radius.value) * 1000], true);
    }
    if (document.activeElement === map.canvas) cross(pen, map.canvas.width / 2, map.canvas.height / 2, 6 * s);
  }

  function cross(pen, x, y, r) {
    pen.beginPath();
    for (const [dx, dy] of [[r, 0], [0, r]]) {
      pen.moveTo(x - dx, y - dy);
      pen.lineTo(x + dx, y + dy);
    }
    pen.stroke();
  }
  map.layer("injects", { draw, order: 8 });
  choose();

  return { element, show, at(seconds_) { at_s = seconds_; } };
}

// The alert: its area on the map with the cells of each policy, its texts, and what follows it.

import { makeDrawing } from "./drawing.js";
import { startMessage } from "./message.js";

const COLOURS = ["#1a1a1a", "#0072b2", "#d55e00", "#007a5e", "#8f4f9f", "#b8860b", "#56606b", "#c2185b", "#00618f"];

export function start(studio) {
  const { make, words, map } = studio, panel = studio.panel("alert");
  const mayEdit = () => ["lead", "authority"].includes(studio.you.role);
  const POLICIES = {
    "": words("As the scenario has it"),
    county: words("Districts that it touches"),
    site_in: words("Mast in the area"),
    centroid_in: words("Middle of the cell in it"),
    intersect: words("Cell heard in it"),
    overlap: words("Enough of the cell in it"),
    population: words("Enough of the cell's people in it"),
    greedy: words("Best possible"),
    tracking_areas: words("Whole tracking areas"),
  };

  // --- the area -------------------------------------------------------------------------------------

  const shape = make("div"), outline = make("p", { class: "note" });
  const count = make("div", { class: "scroll" });
  const back = make("button", { type: "button", hidden: true, text: words("Back to the last area"), onclick: adopt });
  const drawing = makeDrawing(studio, { changed: counts, finished: keep });
  shape.append(outline, drawing.tools, back,
    make("details", {}, make("summary", { text: words("Corners as a list") }), drawing.list));
  const opening = make("input", { type: "file", accept: ".xml,.cap", onchange: open });
  panel.append(
    make("h2", { text: words("Alert") }), shape,
    make("h3", { text: words("Cells") }), count);
  const message = startMessage(studio, panel, { mayEdit });
  panel.append(make("h3", { text: words("Another message") }),
    make("label", { class: "field" }, words("Open a CAP file"), opening), message.templates);

  let last = "";

  function adopt() {
    last = JSON.stringify(studio.state?.alert?.area ?? null);
    studio.faults(shape, null);
    back.hidden = true;
    drawing.set(studio.state?.alert?.area);
    counts();
  }

  function keep() {
    active();
    counts();
    studio.ask("alert.area", drawing.area).then(
      () => { studio.faults(shape, null); back.hidden = true; },
      (error) => { studio.faults(shape, error); back.hidden = false; },
    );
  }

  async function open() {
    const [file] = opening.files;
    if (!file) return;
    try {
      const { notes = [] } = await studio.ask("alert.open", { upload: await studio.upload(file) });
      studio.faults(panel, null);
      studio.announce([words("The file is open."), ...notes.map(studio.plain)].join(" "));
    } catch (error) {
      studio.faults(panel, error);
    }
    opening.value = "";
  }

  // --- cells of each policy, one question at a time ------------------------------------------------------

  let number = 0, waiting = false, again = false, found = null, masts = null, looked = "", announcing = 0;

  function counts() {
    if (studio.opened !== "alert" || !studio.state?.alert?.targeting) return;
    if (waiting) {
      again = true;
      return;
    }
    waiting = true;
    number += 1;
    const asked = studio.state.alert.editable || drawing.empty ? drawing.area : { as_it_is: true };
    studio.ask("alert.cells", { ...asked, number }).then(
      () => { if (drawing.busy) studio.faults(shape, null); },
      (error) => {
        studio.faults(shape, error);
        free();
      },
    );
  }

  function free() {
    waiting = false;
    if (!again) return;
    again = false;
    counts();
  }

  studio.on("alert.cells", (document) => {
    if (document.number !== number) return;
    if (!studio.state.alert?.targeting) return free(); // the scenario was left meanwhile
    found = document;
    panel.dataset.took = document.took_ms;
    if (document.faults.length) studio.faults(shape, document);
    table();
    map.draw();
    free();
    clearTimeout(announcing);
    announcing = setTimeout(() => studio.announce(summary()), 900);
    return undefined;
  });
  studio.on("alert.masts", (document) => {
    masts = document;
    if (map.view) map.draw();
  });
  studio.on("faults", ({ of }) => { if (of?.startsWith("alert.cells")) free(); });
  studio.on("connected", () => { waiting = false; });

  const whole = new Intl.NumberFormat(studio.language, { maximumFractionDigits: 0 });
  const part = new Intl.NumberFormat(studio.language, { style: "percent", maximumFractionDigits: 1 });
  const share = (value) => (value === null ? "–" : part.format(value));

  function summary() {
    const row = found.rows.find(({ policy }) => policy === looked) ?? found.rows[0];
    return words("{cells} cells. Undershoot {missed}, overshoot {outside}.", {
      cells: whole.format(row.cells), missed: share(row.undershoot_share), outside: share(row.overshoot_share),
    });
  }

  function table() {
    const focus = count.contains(document.activeElement) ? document.activeElement.dataset.at : null;
    const [{ in_area: inArea, with_signal: served }] = found.rows;
    const used = studio.state.alert.targeting.policy;
    const rows = found.rows.map((row, n) => {
      const swatch = make("span", { class: "swatch" });
      swatch.style.background = COLOURS[n];
      const radio = make("input", {
        type: "radio", name: "policy", value: row.policy, "data-at": `look ${row.policy}`,
        onchange: () => { looked = row.policy; map.draw(); studio.announce(summary()); },
      });
      radio.checked = row.policy === looked;
      const use = row.policy && mayEdit() ? make("button", {
        type: "button", text: row.policy === used ? words("Used") : words("Use"), disabled: row.policy === used,
        "aria-label": words("Use: {policy}", { policy: POLICIES[row.policy] }), "data-at": `use ${row.policy}`,
        onclick: () => studio.ask("alert.policy", { policy: row.policy }).then(
          () => studio.faults(count.parentElement, null), (error) => studio.faults(shape, error)),
      }) : null;
      return make("tr", {},
        make("th", { scope: "row" }, make("label", { class: "pick" }, radio, swatch, POLICIES[row.policy]), use),
        make("td", { class: "n", text: whole.format(row.cells) }),
        make("td", { class: "n" }, whole.format(row.missed), make("small", { text: share(row.undershoot_share) })),
        make("td", { class: "n" }, whole.format(row.outside), make("small", { text: share(row.overshoot_share) })));
    });
    const head = [words("Show on the map"), words("Cells"), words("Undershoot"), words("Overshoot")];
    count.replaceChildren(
      make("p", { class: "note", text: words("{people} people in the area of {km2} km², {served} of them with a signal. Undershoot: those that the choice of cells misses; overshoot: people outside whom it alerts.", {
        people: whole.format(inArea), served: whole.format(served), km2: whole.format(found.area_km2) }) }),
      make("table", {}, make("thead", {}, make("tr", {},
        ...head.map((text, i) => make("th", { scope: "col", class: i ? "n" : "", text })))),
      make("tbody", {}, ...rows)));
    if (focus) count.querySelector(`[data-at="${focus}"]`)?.focus();
  }

  function bits(text) {
    const octets = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return (i) => (octets[i >> 3] >> (i & 7)) & 1;
  }

  // A sector of each cell at its mast: full in the colour of the policy where it is chosen, else a thin line.
  map.layer("chosen cells", { order: 5.5, draw(pen, view) {
    if (studio.opened !== "alert" || !found || !masts) return;
    const at = Math.max(found.rows.findIndex(({ policy }) => policy === looked), 0);
    const chosen = bits(found.rows[at].chosen), r = Math.min(5 + 3 * Math.sqrt(map.far), 16) * view.sharp;
    for (const wanted of [0, 1]) {
      pen.beginPath();
      for (const [i, site] of masts.site.entries()) {
        if (chosen(i) !== wanted) continue;
        const [x, y] = map.toPixels(masts.lat[site], masts.lon[site]);
        const to = masts.azimuth[i], turn = ((to - 90) * Math.PI) / 180;
        pen.moveTo(x, y);
        if (to === null) pen.arc(x, y, r * 0.8, 0, 2 * Math.PI);
        else pen.arc(x, y, r, turn - 0.5, turn + 0.5);
        pen.closePath();
      }
      pen.strokeStyle = wanted ? "#fff" : "#8a8a8a";
      pen.lineWidth = 0.6 * view.sharp;
      pen.fillStyle = COLOURS[at];
      if (wanted) pen.fill();
      pen.stroke();
    }
  } });

  // --- what the studio says ---------------------------------------------------------------------------------

  let country = null;

  function active() {
    const here = studio.opened === "alert" && studio.state?.alert?.message && mayEdit() && map.view;
    drawing.active(Boolean(here && (studio.state.alert.editable || drawing.empty)), Boolean(here));
  }

  studio.on("state", ({ alert }) => {
    const area = JSON.stringify(alert.area ?? null);
    if (area !== last && !drawing.busy) adopt();
    else counts();
    message.show(alert);
    const fixed = alert.targeting && alert.message && !alert.editable;
    outline.textContent = fixed ? words("The outline has {n} corners, too many to change them here. Open another file, or remove the area and draw.", { n: alert.corners }) : "";
    active();
  });
  studio.on("you", () => {
    if (!studio.state?.alert) return;
    message.show(studio.state.alert);
    active();
  });
  studio.on("scene", (scene) => {
    active();
    if (country !== scene.title + scene.masts.x) {
      country = scene.title + scene.masts.x;
      masts = null;
      places();
    }
    counts();
  });
  studio.on("opened", () => {
    active();
    places();
    counts();
    if (map.view) map.draw();
  });

  function places() {
    if (studio.opened === "alert" && !masts && map.view) studio.ask("alert.masts").catch(() => {});
  }
}

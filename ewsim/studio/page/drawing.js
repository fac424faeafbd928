// The alert area on the map: polygons and circles, drawn and changed by mouse, finger or keyboard, and as a
// list of corners.
//
//   const drawing = makeDrawing(studio, { changed, finished })
//   drawing.tools, drawing.list     elements for the panel
//   drawing.set(area)               the area of the state; drawing.area is the one on the map
//   drawing.active(true)            whether it can be changed now
// `changed()` is called while something is dragged, `finished()` when it is let go.

import { makeCorners } from "./corners.js";
import { makePencil } from "./pencil.js";

const round = (degrees) => Math.round(degrees * 1e5) / 1e5;
const copy = (area) => JSON.parse(JSON.stringify(area));

export function makeDrawing(studio, { changed, finished }) {
  const { make, words, map } = studio;
  let area = { polygons: [], circles: [] }, mode = null, begun = [], cursor = null;
  let held = null, chosen = null, active = false, keys = 0;

  // --- places -------------------------------------------------------------------------------------

  const { line, disc, stroke, knob, cross } = makePencil(map);
  const pixels = ([lat, lon]) => map.toPixels(lat, lon);
  const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const same = (a, b) => a && b && a.kind === b.kind && a.shape === b.shape && a.corner === b.corner;
  const metres = (a, b) => (apart(pixels(a), pixels(b)) / map.view.km) * 1000;

  function rim({ centre, radius_m: radius }) {
    const [x, y] = pixels(centre);
    return map.toDegrees(x + (radius / 1000) * map.view.km, y);
  }

  // Everything that can be taken hold of; corners come before the middles of sides.
  function* handles() {
    for (const [shape, ring] of area.polygons.entries()) {
      for (const [corner, at] of ring.entries()) yield { kind: "corner", shape, corner, at };
    }
    for (const [shape, disc] of area.circles.entries()) {
      yield { kind: "rim", shape, corner: 1, at: rim(disc) };
      yield { kind: "centre", shape, corner: 0, at: disc.centre };
    }
    for (const [shape, ring] of area.polygons.entries()) {
      if (ring.length > 60) continue;
      for (const [corner, [lat, lon]] of ring.entries()) {
        const [a, b] = [pixels([lat, lon]), pixels(ring[(corner + 1) % ring.length])];
        if (apart(a, b) < 40 * map.view.sharp) continue;
        yield { kind: "side", shape, corner, at: map.toDegrees((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) };
      }
    }
  }

  function handleAt(x, y, finger) {
    let best = null, least = (finger ? 22 : 11) * map.view.sharp;
    for (const one of handles()) {
      const far = apart(pixels(one.at), [x, y]);
      if (far < least - 1e-9) [best, least] = [one, far];
    }
    return best;
  }

  function shapeAt(x, y) {
    for (const [shape, ring] of area.polygons.entries()) {
      const points = ring.map(pixels);
      let inside = false;
      for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
        const [[ax, ay], [bx, by]] = [points[i], points[j]];
        if ((ay > y) !== (by > y) && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
      }
      if (inside) return { kind: "polygon", shape };
    }
    for (const [shape, disc] of area.circles.entries()) {
      if (apart(pixels(disc.centre), [x, y]) < (disc.radius_m / 1000) * map.view.km) return { kind: "circle", shape };
    }
    return null;
  }

  function place(handle, [lat, lon]) {
    const to = [round(lat), round(lon)];
    if (handle.kind === "corner") area.polygons[handle.shape][handle.corner] = to;
    if (handle.kind === "centre") area.circles[handle.shape].centre = to;
    if (handle.kind === "rim") {
      const disc = area.circles[handle.shape];
      disc.radius_m = Math.max(Math.round(metres(disc.centre, to)), 1);
    }
  }

  function shift({ kind, shape }, north, east) {
    const moved = ([lat, lon]) => [round(lat + north), round(lon + east)];
    if (kind === "polygon") area.polygons[shape] = area.polygons[shape].map(moved);
    else area.circles[shape].centre = moved(area.circles[shape].centre);
  }

  // --- beginning and ending a shape -----------------------------------------------------------------

  function begin(kind) {
    mode = mode === kind ? null : kind;
    begun = [];
    chosen = null;
    cursor = mode ? map.toDegrees(map.canvas.width / 2, map.canvas.height / 2) : null;
    show();
    if (mode) map.canvas.focus();
    studio.announce(hint());
  }

  function add(at) {
    begun.push([round(at[0]), round(at[1])]);
    if (mode === "circle" && begun.length === 2) return end();
    studio.announce(words("Corner {n} at {lat}, {lon}.", { n: begun.length, lat: begun.at(-1)[0], lon: begun.at(-1)[1] }));
    show();
    return undefined;
  }

  function end() {
    if (mode === "polygon" && begun.length) area.polygons.push(begun);
    if (mode === "circle" && begun.length) {
      const radius = begun.length > 1 ? Math.round(metres(begun[0], begun[1])) : 0;
      area.circles.push({ centre: begun[0], radius_m: radius > 50 ? radius : 5000 });
    }
    const done = begun.length > 0;
    mode = null;
    begun = [];
    cursor = null;
    show();
    if (done) finished();
  }

  function remove({ kind, shape, corner }) {
    const ring = area.polygons[shape];
    if (kind === "corner" && ring.length > 3) ring.splice(corner, 1);
    else if (kind === "corner" || kind === "polygon") area.polygons.splice(shape, 1);
    else area.circles.splice(shape, 1);
    chosen = null;
    show();
    finished();
  }

  // --- pointer and keys -------------------------------------------------------------------------------

  map.on("press", ({ lat, lon, x, y, event }) => {
    if (!active || !area) return false;
    const at = [lat, lon];
    if (mode === "polygon") {
      const closes = begun.length > 2 && apart(pixels(begun[0]), [x, y]) < 14 * map.view.sharp;
      if (closes) end();
      else add(at);
      return true;
    }
    if (mode === "circle") {
      begun = [[round(lat), round(lon)]];
      held = { kind: "new" };
      return true;
    }
    const handle = handleAt(x, y, event.pointerType === "touch");
    if (handle?.kind === "side") {
      area.polygons[handle.shape].splice(handle.corner + 1, 0, [round(lat), round(lon)]);
      held = { kind: "corner", shape: handle.shape, corner: handle.corner + 1 };
    } else {
      held = handle ?? shapeAt(x, y);
    }
    if (!held) {
      chosen = null;
      map.draw();
      return false;
    }
    chosen = handle ? held : null;
    held.from = at;
    held.moved = false;
    map.draw();
    return true;
  });
  map.on("drag", ({ lat, lon }) => {
    if (!held) return false;
    const at = [lat, lon];
    if (held.kind === "new") {
      begun[1] = [round(lat), round(lon)];
      map.draw();
      return true;
    }
    if (held.from) {
      held.moved = true;
      if (held.kind === "polygon" || held.kind === "circle") {
        shift(held, lat - held.from[0], lon - held.from[1]);
        held.from = at;
      } else place(held, at);
      map.draw();
      changed();
    }
    return true;
  });
  map.on("release", () => {
    const was = held;
    held = null;
    if (was?.kind === "new") end();
    else if (was?.moved) {
      show();
      finished();
    }
  });
  map.on("hover", ({ lat, lon, x, y }) => {
    if (!active) return false;
    if (mode) {
      cursor = [lat, lon];
      map.draw();
      return true;
    }
    map.canvas.classList.toggle("over", Boolean(handleAt(x, y) ?? shapeAt(x, y)));
    return false;
  });
  map.on("twice", () => {
    if (mode !== "polygon" || begun.length < 3) return Boolean(mode);
    begun.pop(); // the second press stands where the first does
    end();
    return true;
  });

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function moved(from, key, fine) {
    const step = (map.canvas.width / 50) * (fine ? 0.2 : 1), [x, y] = pixels(from);
    return map.toDegrees(x + STEPS[key][0] * step, y + STEPS[key][1] * step);
  }

  function said(at) {
    clearTimeout(keys);
    keys = setTimeout(() => studio.announce(`${at[0].toFixed(3)}, ${at[1].toFixed(3)}`), 400);
  }

  map.on("key", ({ event: { key, shiftKey } }) => {
    if (!active) return false;
    if (mode) {
      if (STEPS[key]) {
        cursor = moved(cursor, key, shiftKey);
        said(cursor);
      } else if (key === "Enter" || key === " ") {
        const closes = begun.length > 2 && [begun[0], begun.at(-1)].some((at) => apart(pixels(at), pixels(cursor)) < 14 * map.view.sharp);
        if (mode === "polygon" && closes) end();
        else add(cursor);
      } else if (key === "Backspace") begun.pop();
      else if (key === "Escape") begin(mode);
      else return false;
      map.draw();
      return true;
    }
    if (key === "c" || key === "C") {
      const every = [...handles()].filter(({ kind }) => kind !== "side");
      if (!every.length) return true;
      const here = every.findIndex((one) => same(one, chosen));
      choose(every[(here + (key === "c" ? 1 : -1) + every.length) % every.length]);
      studio.announce(named(chosen));
      return true;
    }
    if (!chosen) return false;
    const now = [...handles()].find((one) => same(one, chosen));
    if (!now) return false;
    if (STEPS[key]) {
      place(chosen, moved(now.at, key, shiftKey));
      said([...handles()].find((one) => same(one, chosen)).at);
      map.draw();
      changed();
      clearTimeout(held?.timer);
      clearTimeout(choose.timer);
      choose.timer = setTimeout(() => { show(); finished(); }, 700);
    } else if (key === "Delete") remove(chosen);
    else if (key === "Escape") choose(null);
    else return false;
    return true;
  });

  function choose(handle) {
    chosen = handle && { kind: handle.kind, shape: handle.shape, corner: handle.corner };
    map.draw();
  }

  // --- drawing ------------------------------------------------------------------------------------------

  function draw(pen, view) {
    const s = view.sharp;
    for (const ring of area.polygons) {
      line(pen, ring, true);
      stroke(pen, s);
    }
    for (const one of area.circles) {
      disc(pen, one, view);
      stroke(pen, s);
    }
    if (active && !mode) for (const one of [...handles()].reverse()) knob(pen, one, s, same(one, chosen));
    if (!mode) return;
    if (mode === "circle" && begun.length) {
      const to = begun[1] ?? cursor;
      disc(pen, { centre: begun[0], radius_m: metres(begun[0], to) }, view);
      stroke(pen, s);
    } else if (begun.length) {
      line(pen, cursor ? [...begun, cursor] : begun, begun.length > 1);
      stroke(pen, s);
    }
    for (const [corner, at] of begun.entries()) knob(pen, { kind: "corner", shape: -1, corner, at }, s);
    if (!cursor) return;
    cross(pen, cursor, s);
  }
  map.layer("area", { order: 6.5, draw });

  // --- the tools and the list -----------------------------------------------------------------------------

  const button = (text, onclick, more = {}) => make("button", { type: "button", text, onclick, ...more });
  const polygonButton = button(words("Draw a polygon"), () => begin("polygon"));
  const circleButton = button(words("Draw a circle"), () => begin("circle"));
  const endButton = button(words("Finish the shape"), end);
  const clearButton = button(words("Remove the area"), () => {
    area = { polygons: [], circles: [] };
    chosen = null;
    show();
    finished();
  });
  const help = make("p", { class: "note" });
  const tools = make("div", {}, make("div", { class: "row" }, polygonButton, circleButton, endButton, clearButton), help);
  const corners = makeCorners(studio, {
    area: () => area, active: () => active, named, choose, remove, shown: show, finished, round,
  });

  function hint() {
    if (mode === "polygon") return words("Press on the map for each corner, and on the first one to finish. With keys: arrows move the cross, Enter sets a corner, Enter again on it finishes, Escape stops.");
    if (mode === "circle") return words("Press in the middle and pull outwards. With keys: arrows move the cross, Enter sets the middle, Enter again the radius, Escape stops.");
    return words("Pull corners or the whole area. With keys on the map: C chooses the next corner, arrows move it (Shift: a little), Delete removes it.");
  }

  function named({ kind, shape, corner }) {
    const n = shape + 1;
    if (kind === "corner") return words("Polygon {n}, corner {c}", { n, c: corner + 1 });
    return kind === "rim" ? words("Circle {n}, radius", { n }) : words("Circle {n}, middle", { n });
  }

  function show() {
    polygonButton.setAttribute("aria-pressed", mode === "polygon");
    circleButton.setAttribute("aria-pressed", mode === "circle");
    polygonButton.disabled = circleButton.disabled = !active;
    endButton.hidden = !mode;
    clearButton.hidden = Boolean(mode);
    help.textContent = hint();
    map.canvas.classList.toggle("drawing", active);
    if (map.view) map.draw();
    corners.show();
  }

  return {
    tools, list: corners.list,
    get area() { return area; },
    get empty() { return !area.polygons.length && !area.circles.length; },
    get busy() { return Boolean(held || mode); },
    set(given) {
      const next = copy(given ?? { polygons: [], circles: [] });
      if (JSON.stringify(next) !== JSON.stringify(area)) area = next;
      if (chosen && ![...(map.view ? handles() : [])].some((one) => same(one, chosen))) chosen = null;
      show();
    },
    active(wanted, removable = wanted) {
      clearButton.disabled = !removable;
      if (active === wanted) return;
      active = wanted;
      if (!active) [mode, begun, cursor, chosen, held] = [null, [], null, null, null];
      show();
    },
  };
}

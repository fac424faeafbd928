// The map of a replay and of the studio: ground, people, masts, names and what others draw over them.
// The studio imports it; the replay is one file and has it without the word `export`.
//
//   const map = makeMap(canvas, { high, shown, fitted, most });
//   map.show(scene)            what is drawn: map, squares, masts, labels, signal (ewsim.report.replay.scene)
//   map.at(index)              the moment of the scene; map.momentAt(time_s) is the last at or before a time
//   map.layer(name, { draw(pen, view), order })     another drawing over the ground; people are 2, masts 6
//   map.on(name, f)            "press", "drag", "release", "hover", "key": f({ lat, lon, x, y, mast, event });
//                              true takes what was done, so that the map does not move
//   map.on("moved", f)         after each change of the view: f({ x, y, zoom }); map.goTo({ x, y, zoom }) changes it
//   map.toDegrees(x, y), map.toPixels(lat, lon)     pixels of the canvas
//
// `high(wide)` is the room for the canvas in CSS pixels, `shown(name)` whether a layer is switched on,
// `fitted(map)` is called after every change of the view, `most` is how far it can be enlarged.

import {
  drawArea, drawMasts, drawNames, drawPeople, drawScale, drawSilence, drawStruck, tracePolygons,
} from "./map_signs.js";

export function makeMap(canvas, { high, shown = () => true, fitted = () => {}, most = 16 }) {
  const base = document.createElement("canvas"), layers = new Map(), hears = {};
  // What is looked at: the middle in parts of the map, and how much it is enlarged.
  const look = { x: 0.5, y: 0.5, zoom: 1 };
  let scene = null, ground = null, squares = null, masts = null, arrival = null, deceived = null, silent = null;
  let view = null, moment = 0, marked = -1;

  // --- what is drawn ----------------------------------------------------------------------------

  const unpack = (text, Kind) => new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const unpacked = (packed, kinds) => {
    const given = Object.entries(kinds).filter(([name]) => packed[name]);
    return Object.fromEntries(given.map(([name, Kind]) => [name, unpack(packed[name], Kind)]));
  };

  function show(wanted) {
    const other = !scene || scene.map.width !== wanted.map.width || scene.map.height !== wanted.map.height;
    scene = wanted;
    ground = scene.map;
    squares = unpacked(scene.squares, {
      x: Uint16Array, y: Uint16Array, outside: Uint8Array, size: Uint8Array, level: Uint16Array,
    });
    masts = unpacked(scene.masts, {
      x: Int32Array, y: Int32Array, site: Uint32Array, moment: Uint16Array, state: Uint8Array,
      why: Uint8Array, who: Uint16Array, cells: Uint16Array,
    });
    arrival = scene.squares.arrival && unpack(scene.squares.arrival, Uint16Array);
    deceived = scene.squares.deceived && unpack(scene.squares.deceived, Uint16Array);
    silent = scene.signal?.x && unpacked(scene.signal, {
      x: Int32Array, y: Int32Array, square: Uint32Array, moment: Uint16Array,
    });
    if (other) Object.assign(look, { x: 0.5, y: 0.5, zoom: 1 });
    marked = -1;
    moment = Math.min(moment, Math.max((scene.time_s ?? [0]).length - 1, 0));
    fit();
  }

  function at(index) {
    moment = index;
    draw();
  }

  // The last moment at or before a time [s]; times are said to a tenth of a second.
  function momentAt(time) {
    let low = 0, high = scene.time_s.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (scene.time_s[middle] <= time + 0.05) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // --- the view ---------------------------------------------------------------------------------

  function fit() {
    const wide = canvas.parentElement.clientWidth - 2;
    if (!scene || wide <= 0) return;
    const room = high(wide);
    const tall = Math.round(Math.min((wide * ground.height) / ground.width, Math.max(room, wide * 0.3)));
    const sharp = Math.min(Math.max(window.devicePixelRatio || 1, 2), 2600 / wide);
    canvas.width = base.width = Math.round(wide * sharp);
    canvas.height = base.height = Math.round(tall * sharp);
    frame(sharp);
  }

  function frame(sharp) {
    const half = 0.5 / look.zoom;
    for (const axis of "xy") look[axis] = Math.max(half, Math.min(1 - half, look[axis]));
    const km = Math.min(canvas.width / ground.width, canvas.height / ground.height) * look.zoom;
    const left = canvas.width / 2 - look.x * ground.width * km;
    const top = canvas.height / 2 - look.y * ground.height * km;
    view = {
      km, sharp, x: (x) => left + x * km, y: (y) => top + (ground.height - y) * km,
      east: (x) => (x - left) / km, north: (y) => ground.height - (y - top) / km,
    };
    canvas.classList.toggle("far", look.zoom > 1);
    fitted(made);
    for (const f of hears.moved ?? []) f({ ...look });
    drawGround();
    draw();
  }

  function zoom(by) {
    look.zoom = Math.max(1, Math.min(most, look.zoom * by));
    frame(view.sharp);
  }

  // What is looked at, and looking at something else.
  function goTo(wanted) {
    Object.assign(look, wanted, { zoom: Math.max(1, Math.min(most, wanted.zoom)) });
    if (view) frame(view.sharp);
  }

  function move(x, y) {
    look.x += x;
    look.y += y;
    frame(view.sharp);
  }

  // The plane of ewsim.geography.plane.LocalFrame, from the map's south-west corner [km].
  const KM_PER_DEGREE = (Math.PI / 180) * 6371.0088;
  const turned = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;

  function toDegrees(x, y) {
    const [lat0, lon0, west, south] = ground.frame;
    const stretch = KM_PER_DEGREE * Math.cos((lat0 * Math.PI) / 180);
    const lat = lat0 + (view.north(y) + south) / KM_PER_DEGREE;
    return [lat, turned(lon0 + (view.east(x) + west) / stretch)];
  }

  function toPixels(lat, lon) {
    const [lat0, lon0, west, south] = ground.frame;
    const stretch = KM_PER_DEGREE * Math.cos((lat0 * Math.PI) / 180);
    return [view.x(turned(lon - lon0) * stretch - west), view.y((lat - lat0) * KM_PER_DEGREE - south)];
  }

  // --- drawing ----------------------------------------------------------------------------------

  function drawGround() {
    const pen = base.getContext("2d");
    pen.fillStyle = ground.land ? "#eaf2f8" : "#f7f5f0";
    pen.fillRect(0, 0, base.width, base.height);
    if (ground.land) {
      tracePolygons(pen, view, ground.land);
      pen.fillStyle = "#f4f1ea";
      pen.fill("evenodd");
      pen.strokeStyle = "#8a8a8a";
      pen.lineWidth = view.sharp;
      pen.stroke();
    }
    if (ground.districts) {
      tracePolygons(pen, view, ground.districts);
      pen.strokeStyle = "#b9b2a4";
      pen.lineWidth = view.sharp * 0.8;
      pen.stroke();
    }
  }

  function ring(pen) {
    if (marked < 0) return;
    pen.beginPath();
    pen.arc(view.x(masts.x[marked] / 100), view.y(masts.y[marked] / 100), 11 * view.sharp, 0, 7);
    pen.strokeStyle = "#1a1a1a";
    pen.lineWidth = 2 * view.sharp;
    pen.stroke();
  }

  const now = () => ({ canvas, view, scene, ground, squares, masts, silent, moment, far: look.zoom });
  const layer = (name, drawing) => layers.set(name, drawing);
  layer("people", { order: 2, draw: (pen) => drawPeople(pen, now()) });
  layer("signal", { order: 3, draw: (pen) => silent && drawSilence(pen, now()) });
  layer("hazard", { order: 4, draw: (pen) => arrival && drawStruck(pen, now(), arrival, "#8b0f5c", 0) });
  layer("deceived", { order: 4, draw: (pen) => deceived && drawStruck(pen, now(), deceived, "#1a1a1a", 1) });
  layer("area", { order: 5, draw: (pen) => drawArea(pen, now()) });
  layer("masts", { order: 6, draw: (pen) => drawMasts(pen, now()) });
  layer("names", { order: 7, draw: (pen) => drawNames(pen, now()) });
  layer("ring", { order: 8, draw: ring });
  layer("bar", { order: 9, draw: (pen) => drawScale(pen, now()) });

  function draw() {
    if (!view) return;
    const pen = canvas.getContext("2d");
    pen.drawImage(base, 0, 0);
    const wanted = [...layers].filter(([name]) => shown(name));
    wanted.sort(([, a], [, b]) => a.order - b.order);
    for (const [, drawing] of wanted) drawing.draw(pen, view);
  }

  // --- pointer and keys -------------------------------------------------------------------------

  function pick(x, y) {
    let best = -1, least = (14 * view.sharp) ** 2;
    for (let i = 0; i < masts.x.length; i++) {
      const far = (view.x(masts.x[i] / 100) - x) ** 2 + (view.y(masts.y[i] / 100) - y) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }

  function mark(index) {
    marked = index;
    draw();
  }

  const on = (name, f) => (hears[name] ??= []).push(f);

  function taken(name, event) {
    if (!view) return true;
    const box = canvas.getBoundingClientRect(), scale = canvas.width / box.width;
    const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
    const [lat, lon] = event.clientX === undefined ? [] : toDegrees(x, y);
    const done = { lat, lon, x, y, event, get mast() { return pick(x, y); } };
    return (hears[name] ?? []).some((f) => f(done) === true);
  }

  let held = null, dragging = false;
  canvas.addEventListener("pointerdown", (event) => {
    dragging = taken("press", event);
    if (dragging || look.zoom > 1) canvas.setPointerCapture(event.pointerId);
    held = !dragging && look.zoom > 1 ? event : null;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (dragging) return taken("drag", event);
    if (!held) return taken("hover", event);
    const scale = view.sharp / view.km;
    move(
      ((held.clientX - event.clientX) * scale) / ground.width,
      ((held.clientY - event.clientY) * scale) / ground.height,
    );
    held = event;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (dragging) taken("release", event);
      held = null;
      dragging = false;
    });
  }
  canvas.addEventListener("dblclick", (event) => taken("twice", event) || zoom(2));
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !view) return;
    const part = 0.15 / look.zoom;
    const does = {
      "+": () => zoom(2), "-": () => zoom(0.5),
      ArrowLeft: () => move(-part, 0), ArrowRight: () => move(part, 0),
      ArrowUp: () => move(0, -part), ArrowDown: () => move(0, part),
    }[event.key];
    if (!taken("key", event)) {
      if (!does) return;
      does();
    }
    event.preventDefault();
    event.stopPropagation();
  });

  const made = {
    show, at, momentAt, draw, fit, zoom, move, goTo, layer, on, pick, mark, toDegrees, toPixels, canvas,
    get scene() { return scene; }, get view() { return view; }, get masts() { return masts; },
    get marked() { return marked; }, get zoomed() { return look.zoom > 1; },
    get silent() { return silent; }, get far() { return look.zoom; },
    get look() { return { ...look }; },
  };
  return made;
}

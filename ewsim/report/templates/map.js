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

  function trace(pen, polygons) {
    pen.beginPath();
    for (const polygon of polygons) {
      for (const ring of polygon) {
        pen.moveTo(view.x(ring[0]), view.y(ring[1]));
        for (let i = 2; i < ring.length; i += 2) pen.lineTo(view.x(ring[i]), view.y(ring[i + 1]));
        pen.closePath();
      }
    }
  }

  function drawGround() {
    const pen = base.getContext("2d");
    pen.fillStyle = ground.land ? "#eaf2f8" : "#f7f5f0";
    pen.fillRect(0, 0, base.width, base.height);
    if (ground.land) {
      trace(pen, ground.land);
      pen.fillStyle = "#f4f1ea";
      pen.fill("evenodd");
      pen.strokeStyle = "#8a8a8a";
      pen.lineWidth = view.sharp;
      pen.stroke();
    }
    if (ground.districts) {
      trace(pen, ground.districts);
      pen.strokeStyle = "#b9b2a4";
      pen.lineWidth = view.sharp * 0.8;
      pen.stroke();
    }
  }

  function bar(pen) {
    const s = view.sharp, x = 12 * s, y = canvas.height - 12 * s, long = ground.bar * view.km;
    pen.fillStyle = "#1a1a1a";
    pen.fillRect(x, y, long, 4 * s);
    pen.font = `${12 * s}px sans-serif`;
    pen.textAlign = "center";
    pen.direction = "ltr"; // a figure and its unit
    pen.fillText(ground.said ?? `${ground.bar} km`, x + long / 2, y - 4 * s);
  }

  function people(pen) {
    const { x, y, size, outside, level } = squares, { levels, side } = scene.squares;
    const full = side * view.km;
    const filled = [];
    for (let i = 0; i < x.length; i++) {
      let n = 0;
      while (level && n < levels && level[i * levels + n] <= moment) n++;
      const s = Math.max((size[i] / 255) * full, 1.2 * view.sharp);
      const left = view.x((x[i] + 0.5) * side) - s / 2;
      const top = view.y((y[i] + 0.5) * side) - s / 2;
      if (outside[i]) {
        pen.strokeStyle = "#8a8a8a";
        pen.lineWidth = view.sharp * 0.7;
        pen.strokeRect(left, top, s, s);
      } else if (n < levels || !level) {
        pen.fillStyle = "#cb6d00";
        pen.fillRect(left, top, s, s);
      }
      if (n) filled.push(outside[i], left, top + s * (1 - n / levels), s, (s * n) / levels);
    }
    for (let i = 0; i < filled.length; i += 5) {
      pen.fillStyle = filled[i] ? "#004a35" : "#003a63";
      pen.fillRect(filled[i + 1], filled[i + 2], filled[i + 3], filled[i + 4]);
    }
  }

  // A line through each square that something has come to: up for the hazard, down for a false message.
  function struck(pen, moments, colour, down) {
    const { x, y } = squares, side = scene.squares.side;
    pen.beginPath();
    for (let i = 0; i < x.length; i++) {
      if (moments[i] > moment) continue;
      pen.moveTo(view.x(x[i] * side), view.y((y[i] + down) * side));
      pen.lineTo(view.x((x[i] + 1) * side), view.y((y[i] + 1 - down) * side));
    }
    for (const [stroke, wide] of [["#fff", 1.9], [colour, 0.9]]) {  // white around it: also seen on dark squares
      pen.strokeStyle = stroke;
      pen.lineWidth = wide * view.sharp;
      pen.stroke();
    }
  }

  function names(pen) {
    const s = view.sharp, taken = [];
    pen.font = `600 ${(document.body.classList.contains("class") ? 16 : 12) * s}px sans-serif`;
    pen.textAlign = "center";
    for (const [name, km, north] of scene.labels) {
      const half = pen.measureText(name).width / 2 + 3 * s, tall = 17 * s;
      const x = Math.max(half, Math.min(canvas.width - half, view.x(km))), y = view.y(north);
      if (y < tall || y > canvas.height) continue;
      if (taken.some(([a, b, h]) => Math.abs(a - x) < h + half && Math.abs(b - y) < tall)) continue;
      taken.push([x, y, half]);
      pen.lineWidth = 4 * s;
      pen.lineJoin = "round";
      pen.strokeStyle = "#fff";
      pen.strokeText(name, x, y);
      pen.fillStyle = "#1a1a1a";
      pen.fillText(name, x, y);
    }
  }

  function silence(pen) {
    const lost = new Uint8Array(silent.x.length);
    for (let i = 0; i < silent.square.length && silent.moment[i] <= moment; i++) {
      lost[silent.square[i]] ^= 1;  // each change turns it
    }
    const wide = scene.signal.wide * view.km, tall = scene.signal.high * view.km;
    const dot = Math.max(1, Math.min(2 * view.sharp, wide / 3));  // seen in grey too, and people stay seen
    for (let i = 0; i < lost.length; i++) {
      if (!lost[i]) continue;
      const left = Math.round(view.x(silent.x[i] / 100)), foot = Math.round(view.y(silent.y[i] / 100));
      const right = Math.round(view.x(silent.x[i] / 100) + wide);
      const top = Math.round(view.y(silent.y[i] / 100) - tall);
      pen.fillStyle = "rgba(107, 45, 92, 0.2)";
      pen.fillRect(left, top, right - left, foot - top);
      pen.fillStyle = "#6b2d5c";
      pen.fillRect((left + right - dot) / 2, (top + foot - dot) / 2, dot, dot);
    }
  }

  function mast(pen) {
    const state = new Uint8Array(masts.x.length).fill(1);
    for (let i = 0; masts.site && i < masts.site.length && masts.moment[i] <= moment; i++) {
      state[masts.site[i]] = masts.state[i];
    }
    const count = state.length;
    const small = canvas.width < 500 * view.sharp ? 0.75 : 1;
    const plain = (count < 150 ? 5.5 : count < 600 ? 3.8 : 2.5) * small * Math.sqrt(look.zoom);
    const r = Math.min(6, plain) * view.sharp;
    const pencil = view.sharp * Math.max(0.5, Math.min(1, r / view.sharp / 3.8));
    for (const wanted of [1, 2, 0]) {
      pen.beginPath();
      for (let i = 0; i < count; i++) {
        if (state[i] !== wanted) continue;
        const x = view.x(masts.x[i] / 100), y = view.y(masts.y[i] / 100);
        if (wanted) {
          pen.moveTo(x, y - r);
          pen.lineTo(x + r * 0.9, y + r * 0.7);
          pen.lineTo(x - r * 0.9, y + r * 0.7);
          pen.closePath();
        } else {
          const d = r * 0.7;
          pen.moveTo(x - d, y - d);
          pen.lineTo(x + d, y + d);
          pen.moveTo(x + d, y - d);
          pen.lineTo(x - d, y + d);
        }
      }
      const [line, fill, width] = [
        ["#a3200a", null, 1.5], ["#555", "#fff", 0.9], ["#fff", "#1a1a1a", 0.6],
      ][wanted];
      if (!wanted) {
        pen.strokeStyle = "#fff";
        pen.lineWidth = 2.8 * pencil;
        pen.stroke();
      }
      pen.strokeStyle = line;
      pen.lineWidth = width * pencil;
      if (fill) {
        pen.fillStyle = fill;
        pen.fill();
      }
      pen.stroke();
    }
  }

  function area(pen) {
    trace(pen, ground.area);
    pen.setLineDash([7 * view.sharp, 4 * view.sharp]);
    pen.strokeStyle = "#a03f7f";
    pen.lineWidth = 2.2 * view.sharp;
    pen.stroke();
    pen.setLineDash([]);
  }

  function ring(pen) {
    if (marked < 0) return;
    pen.beginPath();
    pen.arc(view.x(masts.x[marked] / 100), view.y(masts.y[marked] / 100), 11 * view.sharp, 0, 7);
    pen.strokeStyle = "#1a1a1a";
    pen.lineWidth = 2 * view.sharp;
    pen.stroke();
  }

  const layer = (name, drawing) => layers.set(name, drawing);
  layer("people", { order: 2, draw: people });
  layer("signal", { order: 3, draw: (pen) => silent && silence(pen) });
  layer("hazard", { order: 4, draw: (pen) => arrival && struck(pen, arrival, "#8b0f5c", 0) });
  layer("deceived", { order: 4, draw: (pen) => deceived && struck(pen, deceived, "#1a1a1a", 1) });
  layer("area", { order: 5, draw: area });
  layer("masts", { order: 6, draw: mast });
  layer("names", { order: 7, draw: names });
  layer("ring", { order: 8, draw: ring });
  layer("bar", { order: 9, draw: bar });

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

const at = (id) => document.getElementById(id);
const film = JSON.parse(at("film").textContent);
const { time_s: times, counts, map } = film;
const last = times.length - 1;
const canvas = at("map"), slider = at("slider"), play = at("play");

// --- what the file holds ----------------------------------------------------------------------

const unpack = (text, Kind) =>
  new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const squares = {
  x: unpack(film.squares.x, Uint16Array), y: unpack(film.squares.y, Uint16Array),
  outside: unpack(film.squares.outside, Uint8Array),
  size: unpack(film.squares.size, Uint8Array),
  level: unpack(film.squares.level, Uint16Array), levels: film.squares.levels,
};
const masts = {
  x: unpack(film.masts.x, Int32Array), y: unpack(film.masts.y, Int32Array),
  site: unpack(film.masts.site, Uint32Array), moment: unpack(film.masts.moment, Uint16Array),
  state: unpack(film.masts.state, Uint8Array), why: unpack(film.masts.why, Uint8Array),
  who: unpack(film.masts.who, Uint16Array), cells: unpack(film.masts.cells, Uint16Array),
};
const arrival = film.squares.arrival && unpack(film.squares.arrival, Uint16Array);
const silent = film.signal && {
  x: unpack(film.signal.x, Int32Array), y: unpack(film.signal.y, Int32Array),
  square: unpack(film.signal.square, Uint32Array), moment: unpack(film.signal.moment, Uint16Array),
};

// --- the map ----------------------------------------------------------------------------------

let view = null, moment = 0;
const base = document.createElement("canvas");
// What is looked at: the middle in parts of the map, and how much it is enlarged.
const look = { x: 0.5, y: 0.5, zoom: 1 };

function trace(pen, polygons) {
  pen.beginPath();
  for (const polygon of polygons) {
    for (const ring of polygon) {
      pen.moveTo(view.x(ring[0]), view.y(ring[1]));
      for (let i = 2; i < ring.length; i += 2) {
        pen.lineTo(view.x(ring[i]), view.y(ring[i + 1]));
      }
      pen.closePath();
    }
  }
}

function fit() {
  const wide = canvas.parentElement.clientWidth - 2;
  const type = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const room = Math.max(window.innerHeight - 330 * type, 240);
  const high = Math.round(Math.min((wide * map.height) / map.width, Math.max(room, wide * 0.3)));
  const sharp = Math.min(Math.max(window.devicePixelRatio || 1, 2), 2600 / wide);
  canvas.width = base.width = Math.round(wide * sharp);
  canvas.height = base.height = Math.round(high * sharp);
  frame(sharp);
}

function frame(sharp) {
  const half = 0.5 / look.zoom;
  for (const axis of "xy") look[axis] = Math.max(half, Math.min(1 - half, look[axis]));
  const km = Math.min(canvas.width / map.width, canvas.height / map.height) * look.zoom;
  const left = canvas.width / 2 - look.x * map.width * km;
  const top = canvas.height / 2 - look.y * map.height * km;
  view = { km, sharp, x: (x) => left + x * km, y: (y) => top + (map.height - y) * km };
  at("farther").disabled = look.zoom === 1;
  canvas.classList.toggle("far", look.zoom > 1);
  ground();
  draw();
}

function zoom(by) {
  look.zoom = Math.max(1, Math.min(16, look.zoom * by));
  frame(view.sharp);
}

function move(x, y) {
  look.x += x;
  look.y += y;
  frame(view.sharp);
}

function ground() {
  const pen = base.getContext("2d");
  pen.fillStyle = map.land ? "#eaf2f8" : "#f7f5f0";
  pen.fillRect(0, 0, base.width, base.height);
  if (map.land) {
    trace(pen, map.land);
    pen.fillStyle = "#f4f1ea";
    pen.fill("evenodd");
    pen.strokeStyle = "#8a8a8a";
    pen.lineWidth = view.sharp;
    pen.stroke();
  }
}

function bar(pen) {
  const s = view.sharp, x = 12 * s, y = canvas.height - 12 * s, long = map.bar * view.km;
  pen.fillStyle = "#1a1a1a";
  pen.fillRect(x, y, long, 4 * s);
  pen.font = `${12 * s}px sans-serif`;
  pen.textAlign = "center";
  pen.fillText(`${map.bar} km`, x + long / 2, y - 4 * s);
}

function people(pen) {
  const { x, y, size, outside, level, levels } = squares;
  const full = film.squares.side * view.km;
  const filled = [];
  for (let i = 0; i < x.length; i++) {
    let n = 0;
    while (n < levels && level[i * levels + n] <= moment) n++;
    const s = Math.max((size[i] / 255) * full, 1.2 * view.sharp);
    const left = view.x((x[i] + 0.5) * film.squares.side) - s / 2;
    const top = view.y((y[i] + 0.5) * film.squares.side) - s / 2;
    if (outside[i]) {
      pen.strokeStyle = "#8a8a8a";
      pen.lineWidth = view.sharp * 0.7;
      pen.strokeRect(left, top, s, s);
    } else if (n < levels) {
      pen.fillStyle = "#cb6d00";
      pen.fillRect(left, top, s, s);
    }
    if (n) filled.push(outside[i], left, top + s * (1 - n / levels), s, (s * n) / levels);
  }
  for (let i = 0; i < filled.length; i += 5) {
    pen.fillStyle = filled[i] ? "#00573f" : "#00406e";
    pen.fillRect(filled[i + 1], filled[i + 2], filled[i + 3], filled[i + 4]);
  }
}

function hazard(pen) {
  const { x, y } = squares, side = film.squares.side;
  pen.strokeStyle = "#8b0f5c";
  pen.lineWidth = 1.1 * view.sharp;
  pen.beginPath();
  for (let i = 0; i < x.length; i++) {
    if (arrival[i] > moment) continue;
    pen.moveTo(view.x(x[i] * side), view.y(y[i] * side));
    pen.lineTo(view.x((x[i] + 1) * side), view.y((y[i] + 1) * side));
  }
  pen.stroke();
}

function names(pen) {
  const s = view.sharp, taken = [];
  pen.font = `600 ${(document.body.classList.contains("class") ? 16 : 12) * s}px sans-serif`;
  pen.textAlign = "center";
  for (const [name, km, north] of film.labels) {
    const half = pen.measureText(name).width / 2 + 3 * s, high = 17 * s;
    const x = Math.max(half, Math.min(canvas.width - half, view.x(km))), y = view.y(north);
    if (y < high || y > canvas.height) continue;
    if (taken.some(([a, b, h]) => Math.abs(a - x) < h + half && Math.abs(b - y) < high)) continue;
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
  const wide = film.signal.wide * view.km, high = film.signal.high * view.km;
  pen.fillStyle = "rgba(107, 45, 92, 0.35)";
  for (let i = 0; i < lost.length; i++) {
    if (!lost[i]) continue;
    const left = Math.round(view.x(silent.x[i] / 100)), foot = Math.round(view.y(silent.y[i] / 100));
    const right = Math.round(view.x(silent.x[i] / 100) + wide), top = Math.round(view.y(silent.y[i] / 100) - high);
    pen.fillRect(left, top, right - left, foot - top);
  }
}

function mast(pen) {
  const state = new Uint8Array(masts.x.length).fill(1);
  for (let i = 0; i < masts.site.length && masts.moment[i] <= moment; i++) {
    state[masts.site[i]] = masts.state[i];
  }
  const count = state.length;
  const small = canvas.width < 500 * view.sharp ? 0.75 : 1;
  const r = Math.min(6, (count < 150 ? 5.5 : count < 600 ? 3.8 : 2.5) * small * Math.sqrt(look.zoom)) * view.sharp;
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

function draw() {
  const pen = canvas.getContext("2d");
  pen.drawImage(base, 0, 0);
  if (at("show-people").checked) people(pen);
  if (silent && at("show-signal").checked) silence(pen);
  if (arrival && at("show-hazard").checked) hazard(pen);
  trace(pen, map.area);
  pen.setLineDash([7 * view.sharp, 4 * view.sharp]);
  pen.strokeStyle = "#a03f7f";
  pen.lineWidth = 2.2 * view.sharp;
  pen.stroke();
  pen.setLineDash([]);
  if (at("show-masts").checked) mast(pen);
  if (at("show-names").checked) names(pen);
  ring(pen);
  bar(pen);
}

// --- the story of a mast ----------------------------------------------------------------------

const STATES = ["out of service", "in service", "on air"];
let shown = -1;

function story(i) {
  const rows = [];
  for (let k = 0; k < masts.site.length; k++) {
    if (masts.site[k] !== i) continue;
    const why = masts.why[k] < film.masts.whys.length ? `: ${film.masts.whys[masts.why[k]]}` : "";
    rows.push(`${clock(times[masts.moment[k]])} ${STATES[masts.state[k]]}${why}`);
  }
  const cells = masts.cells[i] === 1 ? "1 cell" : `${masts.cells[i]} cells`;
  const head = `${film.masts.names[i]} (${film.masts.whos[masts.who[i]]}, ${cells})`;
  return [head, ...(rows.length ? rows.slice(0, 12) : ["in service, never on air"])];
}

function point(i) {
  if (i === shown) return;
  shown = i;
  const box = at("story");
  box.hidden = i < 0;
  if (i >= 0) {
    box.replaceChildren(...story(i).map((line) => {
      const row = document.createElement("div");
      row.textContent = line;
      return row;
    }));
    const x = view.x(masts.x[i] / 100) / canvas.width, y = view.y(masts.y[i] / 100) / canvas.height;
    box.style.left = box.style.right = box.style.top = box.style.bottom = "auto";
    box.style[x > 0.5 ? "right" : "left"] = `${(x > 0.5 ? 1 - x : x) * 100 + 2}%`;
    box.style[y > 0.5 ? "bottom" : "top"] = `${(y > 0.5 ? 1 - y : y) * 100}%`;
  }
  draw();
}

function ring(pen) {
  if (shown < 0) return;
  pen.beginPath();
  pen.arc(view.x(masts.x[shown] / 100), view.y(masts.y[shown] / 100), 11 * view.sharp, 0, 7);
  pen.strokeStyle = "#1a1a1a";
  pen.lineWidth = 2 * view.sharp;
  pen.stroke();
}

function nearest(event) {
  const box = canvas.getBoundingClientRect(), sharp = canvas.width / box.width;
  const x = (event.clientX - box.left) * sharp, y = (event.clientY - box.top) * sharp;
  let best = -1, least = (14 * sharp) ** 2;
  for (let i = 0; i < masts.x.length; i++) {
    const far = (view.x(masts.x[i] / 100) - x) ** 2 + (view.y(masts.y[i] / 100) - y) ** 2;
    if (far < least) [best, least] = [i, far];
  }
  return best;
}

function next(step) {
  const count = masts.x.length;
  if (!count) return;
  point((shown + step + count + (shown < 0 && step < 0 ? 1 : 0)) % count);
  at("status").textContent = story(shown).join(". ");
}

at("nearer").addEventListener("click", () => zoom(2));
at("farther").addEventListener("click", () => zoom(0.5));
canvas.addEventListener("dblclick", () => zoom(2));
canvas.addEventListener("keydown", (event) => {
  const part = 0.15 / look.zoom;
  const does = {
    "+": () => zoom(2), "-": () => zoom(0.5),
    ArrowLeft: () => move(-part, 0), ArrowRight: () => move(part, 0),
    ArrowUp: () => move(0, -part), ArrowDown: () => move(0, part),
    n: () => next(1), b: () => next(-1), Escape: () => point(-1),
  }[event.key];
  if (!does) return;
  event.preventDefault();
  event.stopPropagation();
  does();
});
canvas.addEventListener("pointerleave", () => point(-1));
let held = null;
canvas.addEventListener("pointerdown", (event) => {
  point(at("show-masts").checked ? nearest(event) : -1);
  if (look.zoom === 1) return;
  held = event;
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointermove", (event) => {
  if (!held) return point(at("show-masts").checked ? nearest(event) : -1);
  const scale = view.sharp / view.km;
  move(
    ((held.clientX - event.clientX) * scale) / map.width,
    ((held.clientY - event.clientY) * scale) / map.height,
  );
  held = event;
});
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, () => { held = null; });
}

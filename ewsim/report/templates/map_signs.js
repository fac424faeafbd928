// The signs of the map: what each layer draws. `map.js` gives them what is shown now: the view, the scene, its unpacked
// arrays, and the moment. The studio imports them; the replay is one file and has them without the word `export`.

export function tracePolygons(pen, view, polygons) {
  pen.beginPath();
  for (const polygon of polygons) {
    for (const ring of polygon) {
      pen.moveTo(view.x(ring[0]), view.y(ring[1]));
      for (let i = 2; i < ring.length; i += 2) pen.lineTo(view.x(ring[i]), view.y(ring[i + 1]));
      pen.closePath();
    }
  }
}

export function drawScale(pen, { view, canvas, ground }) {
  const s = view.sharp, x = 12 * s, y = canvas.height - 12 * s, long = ground.bar * view.km;
  pen.fillStyle = "#1a1a1a";
  pen.fillRect(x, y, long, 4 * s);
  pen.font = `${12 * s}px sans-serif`;
  pen.textAlign = "center";
  pen.direction = "ltr"; // a figure and its unit
  pen.fillText(ground.said ?? `${ground.bar} km`, x + long / 2, y - 4 * s);
}

export function drawPeople(pen, { view, scene, squares, moment }) {
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
export function drawStruck(pen, { view, scene, squares, moment }, moments, colour, down) {
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

export function drawNames(pen, { view, scene, canvas }) {
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

export function drawSilence(pen, { view, scene, silent, moment }) {
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

export function drawMasts(pen, { view, canvas, masts, moment, far }) {
  const state = new Uint8Array(masts.x.length).fill(1);
  for (let i = 0; masts.site && i < masts.site.length && masts.moment[i] <= moment; i++) {
    state[masts.site[i]] = masts.state[i];
  }
  const count = state.length;
  const small = canvas.width < 500 * view.sharp ? 0.75 : 1;
  const plain = (count < 150 ? 5.5 : count < 600 ? 3.8 : 2.5) * small * Math.sqrt(far);
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

export function drawArea(pen, { view, ground }) {
  tracePolygons(pen, view, ground.area);
  pen.setLineDash([7 * view.sharp, 4 * view.sharp]);
  pen.strokeStyle = "#a03f7f";
  pen.lineWidth = 2.2 * view.sharp;
  pen.stroke();
  pen.setLineDash([]);
}

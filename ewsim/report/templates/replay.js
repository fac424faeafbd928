"use strict";
(() => {
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
    state: unpack(film.masts.state, Uint8Array),
  };
  const silent = film.signal && {
    x: unpack(film.signal.x, Int32Array), y: unpack(film.signal.y, Int32Array),
    square: unpack(film.signal.square, Uint32Array), moment: unpack(film.signal.moment, Uint16Array),
  };

  // --- numbers ----------------------------------------------------------------------------------

  const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const share = (part, whole) => {
    if (!whole || !part) return "0 %";
    if (part === whole) return "100 %";
    const tenths = Math.floor((part * 1000) / whole);
    return tenths ? `${(tenths / 10).toFixed(1)} %` : "under 0.1 %";
  };
  const clock = (seconds) => {
    const tenths = Math.round(Math.abs(seconds) * 10);
    const two = (n) => String(n).padStart(2, "0");
    const s = Math.floor(tenths / 10);
    const text = `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
    return `${seconds < 0 ? "\u2212" : ""}${text}.${tenths % 10}`;
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
    const room = Math.max(window.innerHeight - (wide > 560 ? 290 : 330), 240);
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
        pen.fillStyle = "#cfcfcf";
        pen.fillRect(left, top, s, s);
      } else if (n < levels) {
        pen.fillStyle = "#e69f00";
        pen.fillRect(left, top, s, s);
      }
      if (n) filled.push(outside[i], left, top + s * (1 - n / levels), s, (s * n) / levels);
    }
    for (let i = 0; i < filled.length; i += 5) {
      pen.fillStyle = filled[i] ? "#009e73" : "#0072b2";
      pen.fillRect(filled[i + 1], filled[i + 2], filled[i + 3], filled[i + 4]);
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
        ["#b0240a", null, 1.5], ["#555", "#fff", 0.9], ["#fff", "#1a1a1a", 0.6],
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
    trace(pen, map.area);
    pen.setLineDash([7 * view.sharp, 4 * view.sharp]);
    pen.strokeStyle = "#cc79a7";
    pen.lineWidth = 2.2 * view.sharp;
    pen.stroke();
    pen.setLineDash([]);
    if (at("show-masts").checked) mast(pen);
    bar(pen);
  }

  // --- one moment -------------------------------------------------------------------------------

  function show(wanted) {
    moment = Math.max(0, Math.min(last, wanted));
    const reached = counts.reached.any[moment];
    slider.value = moment;
    at("clock").textContent = clock(times[moment]);
    at("reached").textContent = number(reached);
    at("reached").dataset.timeS = times[moment];
    at("share").textContent = share(reached, film.whole);
    at("waiting").textContent = number(film.whole - reached);
    at("outside").textContent = number(counts.outside[moment]);
    at("on-air").textContent = number(counts.on_air[moment]);
    at("down").textContent = number(film.cells - counts.serving[moment]);
    if (silent) at("silent").textContent = number(film.signal.people[moment]);
    for (const cell of document.querySelectorAll("[data-count]")) {
      const people = counts.reached[cell.dataset.count][moment];
      cell.textContent = `${number(people)} (${share(people, film.whole)})`;
    }
    film.places.forEach((place, i) => {
      const people = place.reached[moment];
      document.querySelector(`[data-place="${i}"]`).textContent = number(people);
      document.querySelector(`[data-place-share="${i}"]`).textContent = share(people, place.people);
    });
    const said = `${clock(times[moment])}: ${number(reached)} reached, ${share(reached, film.whole)}`;
    slider.setAttribute("aria-valuetext", said);
    at("head").style.left = `calc(9px + (100% - 18px) * ${last ? moment / last : 0})`;
    at("back").disabled = moment === 0;
    at("on").disabled = moment === last;
    draw();
    return said;
  }

  // --- playing ----------------------------------------------------------------------------------

  let playing = null;

  function pause() {
    if (!playing) return;
    cancelAnimationFrame(playing.request);
    playing = null;
    play.textContent = moment === last ? "Play again" : "Play";
    at("status").textContent = slider.getAttribute("aria-valuetext");
  }

  function step(now) {
    const passed = (now - playing.since) / 1000;
    const wanted = Math.min(last, playing.from + Math.floor((passed * last) / at("speed").value));
    if (wanted !== moment) show(wanted);
    if (moment === last) pause();
    else playing.request = requestAnimationFrame(step);
  }

  function toggle() {
    if (playing) return pause();
    if (moment === last) show(0);
    playing = { since: performance.now(), from: moment };
    play.textContent = "Pause";
    playing.request = requestAnimationFrame(step);
  }

  function go(wanted) {
    pause();
    at("status").textContent = show(wanted);
    play.textContent = moment === last ? "Play again" : "Play";
  }

  play.addEventListener("click", toggle);
  slider.addEventListener("input", () => go(Number(slider.value)));
  at("back").addEventListener("click", () => go(moment - 1));
  at("on").addEventListener("click", () => go(moment + 1));
  at("speed").addEventListener("change", () => {
    if (playing) playing = { ...playing, since: performance.now(), from: moment };
  });
  for (const box of ["show-people", "show-masts", "show-signal"]) at(box)?.addEventListener("change", draw);
  for (const button of document.querySelectorAll("[data-moment]")) {
    button.addEventListener("click", () => go(Number(button.dataset.moment)));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.closest("button, select, input[type=checkbox]")) return;
    event.preventDefault();
    toggle();
  });
  window.addEventListener("resize", fit);

  at("nearer").addEventListener("click", () => zoom(2));
  at("farther").addEventListener("click", () => zoom(0.5));
  canvas.addEventListener("dblclick", () => zoom(2));
  canvas.addEventListener("keydown", (event) => {
    const part = 0.15 / look.zoom;
    const does = {
      "+": () => zoom(2), "-": () => zoom(0.5),
      ArrowLeft: () => move(-part, 0), ArrowRight: () => move(part, 0),
      ArrowUp: () => move(0, -part), ArrowDown: () => move(0, part),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (look.zoom === 1) return;
    held = event;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
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

  // replay.html#t=600 opens at ten minutes
  const asked = Number((location.hash.match(/^#t=(-?[\d.]+)$/) || [])[1]);
  const first = times.findIndex((t) => t >= asked);
  fit();
  show(first < 0 ? 0 : first);
})();

const at = (id) => document.getElementById(id);
const film = JSON.parse(at("film").textContent);
const { time_s: times, counts } = film;
const last = times.length - 1;
const slider = at("slider"), play = at("play");
let moment = 0;

// texts and figures in the language of the page, whose text may run from right to left
const words = (text, values = {}) => film.words[text].replace(/\{(\w+)\}/g, (_, name) => apart(values[name]));
const apart = (text) => (document.dir === "rtl" ? `\u2066${text}\u2069` : text);

const map = makeMap(at("map"), {
  high: () => {
    const type = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    return Math.max(window.innerHeight - 330 * type, 240);
  },
  shown: (name) => at(`show-${name}`)?.checked ?? true,
  fitted: ({ zoomed }) => { at("farther").disabled = !zoomed; },
});

// --- the story of a mast ----------------------------------------------------------------------

const STATES = [words("out of service"), words("in service"), words("on air")];

function story(i) {
  const { masts } = map, rows = [];
  for (let k = 0; k < masts.site.length; k++) {
    if (masts.site[k] !== i) continue;
    const why = masts.why[k] < film.masts.whys.length ? `: ${film.masts.whys[masts.why[k]]}` : "";
    rows.push(`${apart(clock(times[masts.moment[k]]))} ${STATES[masts.state[k]]}${why}`);
  }
  const cells = masts.cells[i] === 1 ? words("1 cell") : words("{n} cells", { n: number(masts.cells[i]) });
  const head = `${film.masts.names[i]} (${film.masts.whos[masts.who[i]]}, ${cells})`;
  return [head, ...(rows.length ? rows.slice(0, 12) : [words("in service, never on air")])];
}

function point(i) {
  if (i === map.marked) return;
  const box = at("story");
  box.hidden = i < 0;
  if (i >= 0) {
    box.replaceChildren(...story(i).map((line) => {
      const row = document.createElement("div");
      row.textContent = line;
      return row;
    }));
    const { view, masts, canvas } = map;
    const x = view.x(masts.x[i] / 100) / canvas.width, y = view.y(masts.y[i] / 100) / canvas.height;
    box.style.left = box.style.right = box.style.top = box.style.bottom = "auto";
    box.style[x > 0.5 ? "right" : "left"] = `${(x > 0.5 ? 1 - x : x) * 100 + 2}%`;
    box.style[y > 0.5 ? "bottom" : "top"] = `${(y > 0.5 ? 1 - y : y) * 100}%`;
  }
  map.mark(i);
}

function next(step) {
  const count = map.masts.x.length;
  if (!count) return;
  point((map.marked + step + count + (map.marked < 0 && step < 0 ? 1 : 0)) % count);
  at("status").textContent = story(map.marked).join(". ");
}

at("nearer").addEventListener("click", () => map.zoom(2));
at("farther").addEventListener("click", () => map.zoom(0.5));
for (const name of ["press", "hover"]) {
  map.on(name, ({ mast }) => point(at("show-masts").checked ? mast : -1));
}
map.on("key", ({ event: { key } }) => {
  const does = { n: () => next(1), b: () => next(-1), Escape: () => point(-1) }[key];
  does?.();
  return Boolean(does);
});
at("map").addEventListener("pointerleave", () => point(-1));

// --- numbers ----------------------------------------------------------------------------------

const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, film.signs[0]);
const share = (part, whole) => { // as the tables of the report
  return apart(`${(whole ? (part / whole) * 100 : 0).toFixed(2).replace(".", film.signs[1])} %`);
};
const clock = (seconds) => {
  const tenths = Math.round(Math.abs(seconds) * 10);
  const two = (n) => String(n).padStart(2, "0");
  const s = Math.floor(tenths / 10);
  const text = `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return `${seconds < 0 ? "\u2212" : ""}${text}.${tenths % 10}`;
};

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
  if (film.signal) at("silent").textContent = number(film.signal.people[moment]);
  for (const cell of document.querySelectorAll("[data-count]")) {
    const people = counts.reached[cell.dataset.count][moment];
    cell.textContent = `${number(people)} (${share(people, film.whole)})`;
  }
  film.places.forEach((place, i) => {
    const people = place.reached[moment];
    document.querySelector(`[data-place="${i}"]`).textContent = number(people);
    document.querySelector(`[data-place-share="${i}"]`).textContent = share(people, place.people);
  });
  document.querySelectorAll(".events button").forEach((button) => {
    button.classList.toggle("past", Number(button.dataset.moment) <= moment);
  });
  const said = words("{clock}: {n} reached, {share}", {
    clock: clock(times[moment]), n: number(reached), share: share(reached, film.whole),
  });
  slider.setAttribute("aria-valuetext", said);
  at("head").style.left = `calc(9px + (100% - 18px) * ${last ? moment / last : 0})`;
  at("back").disabled = moment === 0;
  at("on").disabled = moment === last;
  map.at(moment);
  return said;
}

// --- playing ----------------------------------------------------------------------------------

const calm = matchMedia("(prefers-reduced-motion: reduce)");
let playing = null;

function pause() {
  if (!playing) return;
  cancelAnimationFrame(playing.request);
  playing = null;
  play.textContent = moment === last ? words("Play again") : words("Play");
  at("status").textContent = slider.getAttribute("aria-valuetext");
}

function step(now) {
  const passed = (now - playing.since) / 1000;
  const steps = Math.floor((passed * last) / at("speed").value);
  // who wants less motion sees the events one after the other
  const still = film.milestones.find((m) => m > playing.from) ?? last;
  const wanted = calm.matches ? (passed > 2 ? still : playing.from) : Math.min(last, playing.from + steps);
  if (calm.matches && wanted > playing.from) playing = { ...playing, since: now, from: wanted };
  if (wanted !== moment) show(wanted);
  if (moment === last) pause();
  else playing.request = requestAnimationFrame(step);
}

function toggle() {
  if (playing) return pause();
  if (moment === last) show(0);
  playing = { since: performance.now(), from: moment };
  play.textContent = words("Pause");
  playing.request = requestAnimationFrame(step);
}

function go(wanted) {
  pause();
  at("status").textContent = show(wanted);
  play.textContent = moment === last ? words("Play again") : words("Play");
}

play.addEventListener("click", toggle);
slider.addEventListener("input", () => go(Number(slider.value)));
at("back").addEventListener("click", () => go(moment - 1));
at("on").addEventListener("click", () => go(moment + 1));
at("speed").addEventListener("change", () => {
  if (playing) playing = { ...playing, since: performance.now(), from: moment };
});
for (const box of ["show-people", "show-masts", "show-names", "show-signal", "show-hazard", "show-deceived"]) at(box)?.addEventListener("change", map.draw);
// --- events, keys and the classroom -------------------------------------------------------------

for (const button of document.querySelectorAll("[data-moment]")) {
  button.addEventListener("click", () => {
    go(Number(button.dataset.moment));
    document.querySelector(".stage").scrollIntoView({ block: "nearest" });
  });
}

function event(step) {
  const later = film.milestones.filter((m) => (step > 0 ? m > moment : m < moment));
  if (later.length) go(step > 0 ? later[0] : later[later.length - 1]);
}

async function classroom(on) {
  document.body.classList.toggle("class", on);
  at("class").setAttribute("aria-pressed", on);
  try {
    if (on) await document.documentElement.requestFullscreen();
    else if (document.fullscreenElement) await document.exitFullscreen();
  } catch {} // a browser may refuse the full screen; the large type stays
  map.fit();
}

at("class").addEventListener("click", () => classroom(!document.body.classList.contains("class")));
document.addEventListener("fullscreenchange", () => {
  if (!document.fullscreenElement) classroom(false);
});
document.addEventListener("keydown", (pressed) => {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return;
  if (pressed.target.closest("select")) return;
  const onSlider = pressed.target === slider, does = {
    " ": pressed.target.closest("button, input[type=checkbox]") ? null : toggle,
    f: () => classroom(!document.body.classList.contains("class")),
    PageDown: () => event(1), PageUp: () => event(-1),
    ArrowRight: onSlider ? null : () => go(moment + 1), ArrowLeft: onSlider ? null : () => go(moment - 1),
  }[pressed.key];
  if (!does) return;
  pressed.preventDefault();
  does();
});
window.addEventListener("resize", map.fit);

// beside another run the page around both has the slider
if (parent !== window) {
  document.body.classList.add("beside");
  window.addEventListener("message", (asked) => {
    if (asked.source === parent && Number.isInteger(asked.data)) show(asked.data);
  });
}

// replay.html#t=600 opens at ten minutes
const asked = Number((location.hash.match(/^#t=(-?[\d.]+)$/) || [])[1]);
const first = times.findIndex((t) => t >= asked);
map.show(film);
show(first < 0 ? 0 : first);

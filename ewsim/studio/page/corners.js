// The alert area as a list: every corner, middle and radius in a field of its own.
//
//   const corners = makeCorners(studio, { area, active, named, choose, remove, shown, finished, round })
//   corners.list        the element; corners.show() fills it, unless the area is the one that it has

const MOST_LISTED = 200;

export function makeCorners(studio, { area, active, named, choose, remove, shown, finished, round }) {
  const { make, words, map } = studio, list = make("div");
  const button = (text, onclick, more = {}) => make("button", { type: "button", text, onclick, ...more });
  let listed = "";

  function number(label, at, value, take, handle) {
    return make("input", {
      type: "number", step: "any", dir: "ltr", "aria-label": label, "data-at": at, value, disabled: !active(),
      onfocus: () => choose(handle),
      onchange: ({ target }) => {
        take(target.valueAsNumber);
        target.setAttribute("value", target.value);
        listed = JSON.stringify([area(), active()]); // the other fields stay as they are typed
        map.draw();
        finished();
      },
    });
  }

  function cornerRow(ring, shape, corner) {
    const handle = { kind: "corner", shape, corner }, name = named(handle), at = `p${shape}.${corner}`;
    return make("li", { class: "corner" }, make("span", { text: `${corner + 1}.`, "aria-hidden": "true" }),
      number(words("{name}: latitude", { name }), `${at}.0`, ring[corner][0], (v) => { ring[corner][0] = v; }, handle),
      number(words("{name}: longitude", { name }), `${at}.1`, ring[corner][1], (v) => { ring[corner][1] = v; }, handle),
      button("+", () => {
        const next = ring[(corner + 1) % ring.length];
        ring.splice(corner + 1, 0, [0, 1].map((i) => round((ring[corner][i] + next[i]) / 2)));
        shown();
        finished();
      }, { disabled: !active(), "aria-label": words("{name}: add a corner after it", { name }), "data-at": `${at}.+` }),
      button("−", () => remove(handle), { disabled: !active(), "aria-label": words("{name}: remove", { name }), "data-at": `${at}.-` }));
  }

  function group(name, shape, kind, rows) {
    return make("fieldset", {}, make("legend", { text: name }), ...rows,
      button(words("Remove {name}", { name }), () => remove({ kind, shape }), { disabled: !active(), "data-at": `${kind}${shape}` }));
  }

  function show() {
    const { polygons, circles } = area();
    const now = JSON.stringify([area(), active()]);
    if (now === listed) return; // whoever types in the list goes on
    listed = now;
    const focus = list.contains(document.activeElement) ? document.activeElement.dataset.at : null;
    const many = polygons.some((ring) => ring.length > MOST_LISTED);
    list.replaceChildren(
      make("p", { class: "note", text: words("Latitude and longitude in degrees.") }),
      ...(many ? [make("p", { class: "note", text: words("The outline has too many corners for a list. Change it on the map.") })] : []),
      ...polygons.map((ring, shape) => group(words("Polygon {n}", { n: shape + 1 }), shape, "polygon",
        ring.length > MOST_LISTED ? [] : [make("ol", {}, ...ring.map((_, corner) => cornerRow(ring, shape, corner)))])),
      ...circles.map((one, shape) => {
        const name = words("Circle {n}", { n: shape + 1 }), handle = { kind: "centre", shape, corner: 0 };
        return group(name, shape, "circle", [make("p", { class: "corner" },
          number(words("{name}: latitude", { name }), `c${shape}.0`, one.centre[0], (v) => { one.centre[0] = v; }, handle),
          number(words("{name}: longitude", { name }), `c${shape}.1`, one.centre[1], (v) => { one.centre[1] = v; }, handle),
          number(words("{name}: radius in km", { name }), `c${shape}.r`, one.radius_m / 1000,
            (v) => { one.radius_m = Math.round(v * 1000); }, { kind: "rim", shape, corner: 1 }),
          make("span", { text: "km", "aria-hidden": "true" }))]);
      }),
    );
    if (focus) list.querySelector(`[data-at="${focus}"]`)?.focus();
  }

  return { list, show };
}

// How the alert area looks on the map while it is drawn: outlines, circles, what can be taken hold of, the cross.

const COLOUR = "#a03f7f";

export function makePencil(map) {
  const pixels = ([lat, lon]) => map.toPixels(lat, lon);

  function line(pen, points, closed) {
    pen.beginPath();
    for (const [i, at] of points.entries()) pen[i ? "lineTo" : "moveTo"](...pixels(at));
    if (closed) pen.closePath();
  }

  function disc(pen, { centre, radius_m: radius }, view) {
    pen.beginPath();
    pen.arc(...pixels(centre), (radius / 1000) * view.km, 0, 7);
  }

  function stroke(pen, s) {
    pen.fillStyle = "rgba(160, 63, 127, 0.10)";
    pen.fill();
    pen.strokeStyle = COLOUR;
    pen.lineWidth = 2.2 * s;
    pen.setLineDash([7 * s, 4 * s]);
    pen.stroke();
    pen.setLineDash([]);
  }

  function knob(pen, one, s, on = false) {
    const [x, y] = pixels(one.at), r = (one.kind === "side" ? 3 : 5) * s;
    pen.beginPath();
    if (one.kind === "corner") pen.rect(x - r, y - r, 2 * r, 2 * r);
    else pen.arc(x, y, r, 0, 7);
    pen.fillStyle = on ? COLOUR : "#fff";
    pen.strokeStyle = COLOUR;
    pen.lineWidth = (on ? 3 : 1.5) * s;
    pen.fill();
    pen.stroke();
    if (!on) return;
    pen.beginPath();
    pen.arc(x, y, 10 * s, 0, 7);
    pen.stroke();
  }

  function cross(pen, at, s) {
    const [x, y] = pixels(at);
    pen.strokeStyle = "#000";
    pen.lineWidth = 1.5 * s;
    pen.beginPath();
    for (const [dx, dy] of [[1, 0], [0, 1]]) {
      pen.moveTo(x - 14 * s * dx, y - 14 * s * dy);
      pen.lineTo(x + 14 * s * dx, y + 14 * s * dy);
    }
    pen.stroke();
  }

  return { line, disc, stroke, knob, cross };
}

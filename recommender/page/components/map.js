// The map: every song a point, drawn by WebGL or, without it, pixel by pixel; names and the playlist on a canvas above.
//
// It is mounted twice. One mount brings the points as bytes, which the server sends once: x of each as uint16, y of
// each, and a byte each (colour of its group * 8 + that of its tag, 7 for none), the songs played least first. The other shows them, and is told anew
// whatever changes (see page/map). What a song is called is asked of the server for what is in view, and kept.

const FEW = 20, MOST = 50, REACH = 14, NAMED_FROM = 3;  // songs listed, asked for; pixels; zoom at which songs have names
const OKABE = ["#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7"];  // Okabe & Ito 2008, and one by theme
const VIRIDIS = ["#fde725", "#7ad151", "#22a884", "#2a788e", "#414487", "#440154"];
const GREY = "#8f8f8f";

const maps = new Set();
let points = null;

export default function ({ data, parentElement, setStateValue }) {
  if (data instanceof Uint8Array) {
    points = unpacked(data);
    maps.forEach((map) => map.load());
    return undefined;
  }
  const root = parentElement;
  root.map ??= new SongMap(root, data.words);
  root.map.setStateValue = setStateValue;
  maps.add(root.map);
  root.map.tell(data);
  return () => { maps.delete(root.map); root.map.end(); delete root.map; };
}

function unpacked(bytes) {
  const buffer = bytes.slice().buffer, n = bytes.length / 5;
  return { n, x: new Uint16Array(buffer, 0, n), y: new Uint16Array(buffer, 2 * n, n), marks: new Uint8Array(buffer, 4 * n) };
}

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

class SongMap {
  constructor(root, words) {
    this.names = new Map();
    this.below = made("canvas", { "aria-hidden": "true" });
    this.above = made("canvas", { "aria-hidden": "true" });
    const tools = [["+", words.nearer, () => this.zoom(2)], ["−", words.farther, () => this.zoom(0.5)], ["⌂", words.whole, () => this.whole()]];
    const buttons = tools.map(([sign, label, act]) => {
      const button = made("button", { type: "button", "aria-label": label, title: label }, sign);
      button.onclick = act;
      return button;
    });
    this.status = made("p", { role: "status", class: "unseen" });
    this.stage = made("div", { class: "stage", tabindex: "0", role: "application", "aria-label": words.map, "aria-describedby": "hint" }, this.below, this.above);
    this.legend = made("ul", { class: "legend", "aria-label": words.legend });
    this.list = made("ol", {});
    const songs = made("section", { "aria-label": words.listed }, made("h3", {}, words.listed), this.list);
    this.body = made("div", { class: "map" }, made("div", { class: "frame" }, this.stage, made("div", { class: "tools" }, ...buttons)), songs, this.legend, made("p", { id: "hint" }, words.hint), this.status);
    root.append(this.body);
    this.pen = this.above.getContext("2d");
    this.brush = brush(this.below);
    this.body.dataset.drawn = this.brush.name;
    this.listen();
    this.sized = new ResizeObserver(() => this.resize());
    this.sized.observe(this.stage);
  }

  end() { this.sized.disconnect(); clearTimeout(this.timer); }

  // ---- what is told

  tell(data) {
    const before = this.data;
    this.data = data;
    Object.entries(data.names).forEach(([point, name]) => this.names.set(+point, name));
    if (data.points !== before?.points) this.names = new Map(Object.entries(data.names).map(([p, name]) => [+p, name]));
    if (!this.loaded && points) this.load();
    this.colour();
    if (data.shown && data.shown[1] !== before?.shown?.[1]) this.goTo(data.shown[0]);
    this.draw();
    this.ask();
  }

  load() {
    if (!this.data || !points) return;
    this.loaded = true;
    this.brush.load(points);
    this.resize();
    this.colour();
    this.whole();
    if (this.data.shown) this.goTo(this.data.shown[0]);
  }

  // ---- colours: a class of each point, and a colour of each class

  colour() {
    if (!this.loaded) return;
    const style = getComputedStyle(this.body), read = (name) => style.getPropertyValue(name).trim();
    this.ink = { text: read("--st-text-color"), ground: read("--st-background-color"), path: read("--st-primary-color"), font: read("--st-font") || "sans-serif" };
    const [red, green, blue] = parsed(this.ink.ground, this.pen), dark = red + green + blue < 384;
    const seven = [...OKABE, dark ? "#F0E442" : "#1a1a1a"], { colour, tags, breaks, plays } = this.data;
    const classes = new Uint8Array(points.n);
    let palette = [...seven, GREY], legend = [];
    if (colour === "plays") {
      palette = dark ? VIRIDIS : [...VIRIDIS].reverse();  // the songs played most stand out from the ground
      classes.fill(palette.length - 1);
      breaks.forEach((from, i) => classes.fill(i, from, breaks[i - 1] ?? points.n));
      legend = plays.map((label, i) => [palette[i], label]);
    } else if (colour === "tag") {
      for (let i = 0; i < points.n; i++) classes[i] = points.marks[i] & 7;
      legend = [...tags.map((tag, i) => [seven[i], tag]), [GREY, this.data.words.other]];
    } else {
      for (let i = 0; i < points.n; i++) classes[i] = points.marks[i] >> 3;
    }
    this.brush.colour(classes, palette.map((name) => parsed(name, this.pen)));
    this.legend.replaceChildren(...legend.map(([ink, label]) => {
      const mark = made("i", { "aria-hidden": "true" });
      mark.style.background = ink;
      return made("li", {}, mark, label);
    }));
  }

  // ---- the view: what stands in the middle, and pixels a unit

  resize() {
    const { clientWidth: width, clientHeight: height } = this.stage, ratio = window.devicePixelRatio || 1;
    if (!width || !height) return;
    const first = !this.width;
    Object.assign(this, { width, height, ratio });
    for (const canvas of [this.below, this.above]) {
      canvas.width = width * ratio;
      canvas.height = height * ratio;
    }
    if (first) this.whole(); else this.draw();
  }

  get fit() { return Math.min(this.width, this.height) / 65535 * 0.96; }

  get near() { return this.view.scale / this.fit; }

  whole() {
    if (!this.width) return;
    this.view = { x: 32767, y: 32767, scale: this.fit };
    this.moved();
  }

  goTo(point) {
    if (!this.loaded || !this.width || !(point < points.n)) return;
    this.view = { x: points.x[point], y: points.y[point], scale: Math.max(this.view?.scale ?? 0, this.fit * 8) };
    this.moved();
  }

  zoom(by, at = [this.width / 2, this.height / 2]) {
    const { x, y, scale } = this.view, to = Math.min(Math.max(scale * by, this.fit * 0.8), this.fit * 200);
    const [dx, dy] = [at[0] - this.width / 2, at[1] - this.height / 2];
    this.view = { x: x + dx / scale - dx / to, y: y + dy / scale - dy / to, scale: to };
    this.moved();
  }

  pan(dx, dy) {
    const { x, y, scale } = this.view, within = (place) => Math.min(Math.max(place, 0), 65535);
    this.view = { x: within(x - dx / scale), y: within(y - dy / scale), scale };
    this.moved();
  }

  moved() { this.draw(); this.ask(); }

  at(point) {
    return [(points.x[point] - this.view.x) * this.view.scale + this.width / 2, (points.y[point] - this.view.y) * this.view.scale + this.height / 2];
  }

  nearest(left, top, reach) {
    const x = (left - this.width / 2) / this.view.scale + this.view.x, y = (top - this.height / 2) / this.view.scale + this.view.y;
    let best = -1, least = (reach / this.view.scale) ** 2;
    for (let i = points.n - 1; i >= 0; i--) {
      const far = (points.x[i] - x) ** 2 + (points.y[i] - y) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }

  // The songs in view that are played most; those of `spread` stand apart, so that their names can be read.
  inView() {
    const listed = [], spread = [];
    const [x, y] = [this.width / 2 / this.view.scale, this.height / 2 / this.view.scale];
    for (let i = points.n - 1; i >= 0 && (listed.length < FEW || spread.length < FEW); i--) {
      if (Math.abs(points.x[i] - this.view.x) > x || Math.abs(points.y[i] - this.view.y) > y) continue;
      if (listed.length < FEW) listed.push(i);
      const [left, top] = this.at(i);
      if (spread.length < FEW && spread.every(([, l, t]) => Math.abs(l - left) > 150 || Math.abs(t - top) > 22)) spread.push([i, left, top]);
    }
    return { listed, spread };
  }

  // The songs of the playlist in view, where songs have names.
  pathInView() {
    if (this.near < NAMED_FROM) return [];
    const [x, y] = [this.width / 2 / this.view.scale, this.height / 2 / this.view.scale];
    const isIn = (i) => Math.abs(points.x[i] - this.view.x) < x && Math.abs(points.y[i] - this.view.y) < y;
    return this.data.path.map(([, point]) => point).filter(isIn).slice(0, FEW / 2);
  }

  ask() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.loaded || !this.width) return;
      const { listed, spread } = this.inView(), centre = this.nearest(this.width / 2, this.height / 2, this.width);
      const wanted = [this.hovered ?? -1, centre, ...this.pathInView(), ...listed, ...(this.near < NAMED_FROM ? [] : spread.map(([i]) => i))];
      const unknown = [...new Set(wanted)].filter((i) => i >= 0 && !this.names.has(i));
      if (unknown.length) this.setStateValue("asked", unknown.slice(0, MOST));
      this.centre = centre;
      this.write(listed);
    }, 200);
  }

  write(listed) {
    const known = listed.filter((i) => this.names.has(i)), key = known.join();
    if (this.stage.matches(":focus")) this.status.textContent = this.names.get(this.centre) ?? "";
    if (key === this.written) return;
    this.written = key;
    this.list.replaceChildren(...known.map((i) => {
      const button = made("button", { type: "button" }, this.names.get(i));
      button.onclick = () => this.choose(i);
      button.onmouseenter = button.onfocus = () => { this.hovered = i; this.draw(); };
      return made("li", {}, button);
    }));
  }

  choose(point) {
    if (point >= 0) this.setStateValue("chosen", point);
  }

  // ---- drawing, once a frame

  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      if (!this.loaded || !this.width || !this.view) return;
      const size = Math.min(Math.max((points.n > 2e4 ? 2 : 3.5) * Math.sqrt(this.near), 2), 12);
      this.brush.draw(this.view, size * this.ratio, this.ratio);
      this.pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      this.pen.clearRect(0, 0, this.width, this.height);
      const taken = [];
      this.drawPath(taken);
      this.drawMarks(taken);
      this.drawNames(taken);
    });
  }

  drawPath(taken) {
    const { pen, ink } = this, steps = this.data.path.map(([number, point]) => [number, ...this.at(point)]);
    pen.lineJoin = "round";
    for (const [width, colour] of [[5, ink.ground], [2.5, ink.path]]) {
      pen.beginPath();
      steps.forEach(([, left, top]) => pen.lineTo(left, top));
      Object.assign(pen, { lineWidth: width, strokeStyle: colour });
      pen.stroke();
    }
    for (const [number, left, top] of steps) {
      const box = [left - 9, top - 9, left + 9, top + 9];
      if (taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      pen.beginPath();
      pen.arc(left, top, 9, 0, 2 * Math.PI);
      Object.assign(pen, { fillStyle: ink.ground, strokeStyle: ink.path, lineWidth: 2 });
      pen.fill();
      pen.stroke();
      this.text(`${number}`, left, top, { bold: true, size: 10 });
    }
  }

  drawNames(taken) {
    if (this.near < NAMED_FROM) {
      for (const [name, x, y] of this.data.groups) {
        this.label(name, (x - this.view.x) * this.view.scale + this.width / 2, (y - this.view.y) * this.view.scale + this.height / 2, taken, { bold: true, size: 13 });
      }
      return;
    }
    for (const i of this.pathInView()) {
      const [left, top] = this.at(i);
      if (this.names.has(i) && i !== this.data.chosen) this.label(this.names.get(i), left, top - 19, taken, { bold: true, size: 12 });
    }
    for (const [i, left, top] of this.inView().spread) {
      if (this.names.has(i)) this.label(this.names.get(i), left, top - 11, taken, { size: 12 });
    }
  }

  drawMarks(taken) {
    const { pen, ink } = this;
    for (const point of new Set([this.data.chosen, this.hovered])) {
      if (!(point >= 0)) continue;
      const [left, top] = this.at(point);
      pen.beginPath();
      pen.arc(left, top, 7, 0, 2 * Math.PI);
      Object.assign(pen, { strokeStyle: ink.text, lineWidth: 2 });
      pen.stroke();
      const own = [];  // its name is written wherever it stands, and the others give way
      if (this.names.has(point)) this.label(this.names.get(point), left, top - 17, own, { bold: true, size: 13 });
      taken.push(...own);
    }
    if (this.keyed) {
      pen.beginPath();
      for (const [dx, dy] of [[8, 0], [0, 8]]) {
        pen.moveTo(this.width / 2 - dx, this.height / 2 - dy);
        pen.lineTo(this.width / 2 + dx, this.height / 2 + dy);
      }
      Object.assign(pen, { strokeStyle: ink.text, lineWidth: 2 });
      pen.stroke();
    }
  }

  label(name, left, top, taken, style) {
    const short = name.length > 34 ? `${name.slice(0, 33)}…` : name;
    this.pen.font = `${style.bold ? "600 " : ""}${style.size}px ${this.ink.font}`;
    const half = this.pen.measureText(short).width / 2 + 3;
    const middle = Math.min(Math.max(left, half), this.width - half);  // a name at the edge is whole, too
    top = Math.max(top, 10);
    const box = [middle - half, top - 9, middle + half, top + 9];
    if (left < -half || left > this.width + half || taken.some((other) => overlap(box, other))) return;
    taken.push(box);
    this.text(short, middle, top, style);
  }

  text(words, left, top, { bold, size }) {
    Object.assign(this.pen, { font: `${bold ? "600 " : ""}${size}px ${this.ink.font}`, textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 4, strokeStyle: this.ink.ground, fillStyle: this.ink.text });
    this.pen.strokeText(words, left, top);
    this.pen.fillText(words, left, top);
  }

  // ---- hands

  listen() {
    const { stage } = this, held = new Map();
    const place = (event) => { const box = stage.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
    const apart = () => { const [[a, b], [c, d]] = [...held.values()]; return Math.hypot(a - c, b - d); };
    let far = 0;
    stage.onpointerdown = (event) => {
      if (!held.size) far = 0;
      stage.setPointerCapture(event.pointerId);
      held.set(event.pointerId, place(event));
      this.keyed = false;
    };
    stage.onpointermove = (event) => {
      if (!this.loaded) return;
      const [left, top] = place(event), before = held.get(event.pointerId);
      if (!before) { this.hover(left, top); return; }
      const gap = held.size === 2 ? apart() : 0;
      held.set(event.pointerId, [left, top]);
      far += Math.hypot(left - before[0], top - before[1]);
      if (held.size === 2) {
        const [[a, b], [c, d]] = [...held.values()];
        this.zoom(apart() / Math.max(gap, 1), [(a + c) / 2, (b + d) / 2]);
      }
      this.pan((left - before[0]) / held.size, (top - before[1]) / held.size);
    };
    stage.onpointerup = (event) => {
      if (held.size === 1 && far < 6 && this.loaded) this.choose(this.nearest(...place(event), REACH));
      held.delete(event.pointerId);
    };
    stage.onpointercancel = (event) => held.delete(event.pointerId);
    stage.onpointerleave = () => this.hover(-99, -99);
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (this.loaded) this.zoom(2 ** (-event.deltaY / 240), place(event));
    }, { passive: false });
    const step = 60, keys = {
      ArrowLeft: () => this.pan(step, 0), ArrowRight: () => this.pan(-step, 0), ArrowUp: () => this.pan(0, step), ArrowDown: () => this.pan(0, -step),
      "+": () => this.zoom(1.5), "=": () => this.zoom(1.5), "-": () => this.zoom(1 / 1.5), 0: () => this.whole(),
      Enter: () => this.choose(this.nearest(this.width / 2, this.height / 2, this.width)),
    };
    stage.onkeydown = (event) => {
      if (!keys[event.key] || !this.loaded || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.keyed = true;
      keys[event.key]();
    };
    stage.onblur = () => { this.keyed = false; this.draw(); };
  }

  hover(left, top) {
    if (!this.loaded) return;
    const found = this.nearest(left, top, REACH);
    if (found === (this.hovered ?? -1)) return;
    this.hovered = found;
    this.stage.style.cursor = found < 0 ? "grab" : "pointer";
    this.draw();
    if (found >= 0 && !this.names.has(found)) this.ask();
  }
}

const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

// Any CSS colour as red, green and blue from 0 to 255.
function parsed(colour, pen) {
  pen.fillStyle = colour;
  return /^#/.test(pen.fillStyle) ? [1, 3, 5].map((i) => parseInt(pen.fillStyle.slice(i, i + 2), 16)) : pen.fillStyle.match(/[\d.]+/g).slice(0, 3).map(Number);
}

// ---- what draws points: WebGL, or pixels where there is none or it only pretends: at 75,000 songs a frame of
// WebGL without a graphics card took 72 ms, one of pixels 17 ms

const brush = (canvas) => (hasCard() && glBrush(canvas)) || pixelBrush(canvas);

function hasCard() {
  const gl = document.createElement("canvas").getContext("webgl");
  if (!gl) return false;
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  const name = gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|software|basic render/i.test(name);
}

function glBrush(canvas) {
  const gl = canvas.getContext("webgl", { antialias: false });
  if (!gl) return null;
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, `
    attribute float x, y, kind; uniform vec3 view; uniform vec2 canvas; uniform float size; uniform vec3 palette[8]; varying vec3 ink;
    void main() {
      gl_Position = vec4((x - view.x) * view.z / canvas.x, -(y - view.y) * view.z / canvas.y, 0.0, 1.0);
      gl_PointSize = size;
      ink = palette[int(kind)];
    }`], [gl.FRAGMENT_SHADER, `
    precision mediump float; varying vec3 ink;
    void main() {
      gl_FragColor = vec4(ink, 1.0) * smoothstep(0.5, 0.3, length(gl_PointCoord - 0.5));
    }`]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const uniform = (name) => gl.getUniformLocation(program, name), buffers = {};
  const send = (name, array, type) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name] ??= gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, array, gl.STATIC_DRAW);
    const place = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 1, type, false, 0, 0);
  };
  let n = 0;
  return {
    name: "webgl",
    load(all) {
      n = all.n;
      send("x", all.x, gl.UNSIGNED_SHORT);
      send("y", all.y, gl.UNSIGNED_SHORT);
    },
    colour(classes, palette) {
      send("kind", classes, gl.UNSIGNED_BYTE);
      gl.uniform3fv(uniform("palette"), palette.flat().map((part) => part / 255));
    },
    draw({ x, y, scale }, size, ratio) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform3f(uniform("view"), x, y, 2 * scale * ratio);
      gl.uniform2f(uniform("canvas"), canvas.width, canvas.height);
      gl.uniform1f(uniform("size"), size);
      gl.drawArrays(gl.POINTS, 0, n);
    },
  };
}

function pixelBrush(canvas) {
  const pen = canvas.getContext("2d");
  let all, classes, inks, image;
  return {
    name: "pixels",
    load(points_) { all = points_; },
    colour(classes_, palette) {
      classes = classes_;
      inks = Uint32Array.from(palette, ([red, green, blue]) => (255 << 24 | blue << 16 | green << 8 | red) >>> 0);
    },
    draw({ x, y, scale }, size, ratio) {
      const { width, height } = canvas, side = Math.round(size), by = scale * ratio;
      if (image?.width !== width || image?.height !== height) image = pen.createImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      pixels.fill(0);
      const indents = Array.from({ length: side }, (_, row) => Math.round(side / 2 - Math.sqrt((side / 2) ** 2 - (row + 0.5 - side / 2) ** 2)));
      for (let i = 0; i < all.n; i++) {
        const left = Math.round((all.x[i] - x) * by + width / 2 - side / 2), top = Math.round((all.y[i] - y) * by + height / 2 - side / 2);
        if (left < 0 || top < 0 || left + side > width || top + side > height) continue;
        const ink = inks[classes[i]];
        for (let row = 0; row < side; row++) {  // a disc
          const from = (top + row) * width + left;
          pixels.fill(ink, from + indents[row], from + side - indents[row]);
        }
      }
      pen.putImageData(image, 0, 0);
    },
  };
}

// Pictures: uploading several at once with progress, the customer's earlier ones, and loading them for the canvas.
import { say } from "./words.js";

export class Uploads {
  constructor(told, token) {
    this.told = told;
    this.token = token;
  }

  // Sends one file; `progress` is called with parts of 1. Rejects with a sentence.
  send(file, progress) {
    if (file.size > this.told.limits.bytes) return Promise.reject(new Error(say("too_large", { name: file.name })));
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(), body = new FormData();
      body.append("file", file);
      request.open("POST", this.told.addresses.upload);
      request.setRequestHeader("X-CSRFToken", this.token);
      request.responseType = "json";
      request.upload.onprogress = (event) => { if (event.lengthComputable) progress(event.loaded / event.total); };
      request.onerror = () => reject(new Error(say("upload_failed", { name: file.name })));
      request.onload = () => {
        const answer = request.response ?? {};
        if (request.status === 201 && answer.artwork) resolve(answer.artwork);
        else reject(new Error(answer.error ?? say("upload_failed", { name: file.name })));
      };
      request.send(body);
    });
  }

  async earlier({ before = "", search = "" } = {}) {
    const answer = await fetch(`${this.told.addresses.artwork}?${new URLSearchParams({ before, search })}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(say("list_failed"));
    return answer.json();
  }
}

// What the canvas draws, by artwork id; pictures arrive when a scene first wants them.
export class Pictures {
  constructor(artwork, arrived) {
    this.artwork = artwork;
    this.arrived = arrived;
    this.loaded = new Map();
    this.asked = new Map();
  }

  get(id) { return this.loaded.get(id); }

  async want(id) {
    if (this.asked.has(id) || !this.artwork.has(id)) return this.asked.get(id);
    const picture = new Image();
    picture.src = this.artwork.get(id).picture;
    const ready = picture.decode().then(() => { this.loaded.set(id, picture); this.arrived(); }, () => this.asked.delete(id));
    this.asked.set(id, ready);
    return ready;
  }

  wantAll(scene) { return Promise.all(scene.layers.filter((layer) => layer.kind === "image").map((layer) => this.want(layer.artwork))); }
}

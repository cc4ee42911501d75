// Undo and redo. States are scenes that never change, so keeping one costs a reference.
const MOST = 200;
const TOGETHER_MS = 900;

export class History {
  constructor() { this.done = []; this.undone = []; }

  // Remembers the state before a change. Changes with the same `merge` shortly after each other (a key held down, a slider) are one step.
  remember(step, now = Date.now()) {
    const last = this.done.at(-1);
    this.undone = [];
    if (step.merge && last?.merge === step.merge && now - last.at < TOGETHER_MS) { last.at = now; return; }
    this.done.push({ ...step, at: now });
    if (this.done.length > MOST) this.done.shift();
  }

  back(present) { return this.#move(this.done, this.undone, present); }

  forth(present) { return this.#move(this.undone, this.done, present); }

  #move(from, to, present) {
    const step = from.pop();
    if (step) to.push({ ...step, merge: "", before: present });
    return step;
  }
}

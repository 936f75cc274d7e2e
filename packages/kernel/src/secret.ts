const hidden = new WeakMap<Secret<unknown>, unknown>();

/** A value that never prints: String, JSON and the inspector all show `[secret]`. Read it with `reveal()`. */
export class Secret<T> {
  constructor(value: T) {
    hidden.set(this, value);
    Object.freeze(this);
  }
  /** The value itself; call it only where the value is used. */
  reveal(): T {
    return hidden.get(this) as T; // set in the constructor, never removed
  }
  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}

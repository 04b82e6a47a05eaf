// Loaded before a program that cannot be told where to listen: it listens on the loopback address only.
import { Server } from "node:net";

const { listen } = Server.prototype;

Server.prototype.listen = function (first, ...rest) {
  if (typeof first === "number" || typeof first === "string") {
    const port = Number(first);
    const others = rest.filter((each) => typeof each !== "string");
    return listen.call(this, port, "127.0.0.1", ...others);
  }
  return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest);
};

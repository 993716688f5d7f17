// Search runs in a worker. Browsers start no worker for a page that is opened from a folder (file://).
// There, an iframe that nobody sees runs the worker's script instead. Elsewhere this file does nothing.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inside = frame.contentWindow;
      const outside = this;
      const receive = (event) => {
        const answer = new MessageEvent("message", { data: event.data });
        outside.dispatchEvent(answer);
        if (outside.onmessage) outside.onmessage(answer);
      };
      this.inside.answer = (data) => receive({ data });
      this.waiting = [];
      const page = frame.contentDocument;
      this.inside.postMessage = (data) => setTimeout(() => receive({ data }));
      this.inside.importScripts = (...scripts) =>
        scripts.reduce(
          (before, script) =>
            before.then(
              () =>
                new Promise((done, failed) => {
                  const element = page.createElement("script");
                  element.src = new URL(script, address);
                  element.onload = done;
                  element.onerror = failed;
                  page.body.append(element);
                }),
            ),
          Promise.resolve(),
        );
      const element = page.createElement("script");
      element.src = address;
      element.onload = () => {
        this.ready = true;
        this.waiting.splice(0).forEach((data) => this.send(data));
      };
      page.body.append(element);
    }

    send(data) {
      this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data }));
    }

    postMessage(data) {
      if (this.ready) this.send(data);
      else this.waiting.push(data);
    }

    terminate() {}
  };
}

// The browser's camera: opened on a click, and closed when nobody looks.

const ELSEWHERE = "Choose or upload an image above instead.";
const INSECURE = "Browsers allow the camera only on pages from localhost or https.";
const REFUSED = "This browser blocks the camera. Allow it beside the address.";
const NONE = "No camera was found.";
const BUSY = "The camera does not start. Another program may use it.";
// More pixels than a network reads would only be thrown away.
const WANTED = { width: { ideal: 640 }, height: { ideal: 480 } };

/**
 * Say why there is no camera, and what to do.
 * @param {boolean} isSecure Whether the page may ask for one.
 * @param {string} name Of the browser's error.
 */
export function explainRefusal(isSecure, name) {
  /** @type {Record<string, string>} */
  const why = {
    NotAllowedError: REFUSED,
    SecurityError: REFUSED,
    NotFoundError: NONE,
    OverconstrainedError: NONE,
  };
  return `${isSecure ? (why[name] ?? BUSY) : INSECURE} ${ELSEWHERE}`;
}

/**
 * @param {HTMLVideoElement} video
 * @param {() => void} onEnd Called where the camera itself ends, such as one that is pulled out.
 */
export function createStream(video, onEnd) {
  /** @type {MediaStream | null} */
  let stream = null;
  let asked = 0;

  function close() {
    asked += 1;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  }

  /**
   * Open a camera in place of the one before.
   * @param {string} device Its id; empty for the one that looks away from the visitor.
   * @returns {Promise<string | null>} Why there is none; empty for success, null where it was
   *     closed again meanwhile.
   */
  async function open(device) {
    close();
    const mine = asked;
    const isSecure = window.isSecureContext && Boolean(navigator.mediaDevices);
    if (!isSecure) return explainRefusal(false, "");
    const which = device ? { deviceId: { exact: device } } : { facingMode: "environment" };
    try {
      const found = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which } });
      if (mine !== asked) {
        found.getTracks().forEach((track) => track.stop());
        return null;
      }
      stream = found;
      stream.getVideoTracks()[0].addEventListener("ended", onEnd);
      video.srcObject = stream;
      await video.play();
      return mine === asked ? "" : null;
    } catch (error) {
      if (mine !== asked) return null;
      close();
      return explainRefusal(true, /** @type {Error} */ (error).name);
    }
  }

  async function list() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
  }

  const settings = () => stream?.getVideoTracks()[0]?.getSettings() ?? {};
  return { open, close, list, settings };
}

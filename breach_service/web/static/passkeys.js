// Passkeys: the one thing of the pages that needs a script. The server says what to ask, the browser asks its owner.
"use strict";

(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  const post = async (path, body) => {
    const answer = await fetch(path, {
      method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" },
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.title);
    return said;
  };

  const answered = (credential) => ({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: {},
    authenticatorAttachment: credential.authenticatorAttachment,
  });

  const signIn = async (next) => {
    const asked = await post("/sign-in/passkey/options", { next });
    const credential = await navigator.credentials.get({
      publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
    });
    const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
    const response = {
      authenticatorData: text(authenticatorData), clientDataJSON: text(clientDataJSON), signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    };
    return post("/sign-in/passkey", { ...answered(credential), response });
  };

  const add = async (form) => {
    const asked = await post("/account/passkeys/options", { password: form.elements.password?.value ?? "" });
    const credential = await navigator.credentials.create({
      publicKey: {
        ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: named(asked.excludeCredentials),
      },
    });
    const { attestationObject, clientDataJSON } = credential.response;
    const response = { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) };
    return post("/account/passkeys", { name: form.elements.name.value, credential: { ...answered(credential), response } });
  };

  // A browser says little of why its owner did not answer; what the server says is shown as it is.
  const trying = async (place, work) => {
    const notice = place.querySelector("[role=alert]");
    notice.hidden = true;
    try {
      location.assign((await work()).location);
    } catch (error) {
      notice.querySelector("span").textContent = error instanceof DOMException ? place.dataset.failed : error.message;
      notice.hidden = false;
    }
  };

  const entry = document.getElementById("passkey-sign-in");
  entry?.querySelector("button").addEventListener("click", () => trying(entry, () => signIn(entry.dataset.next)));
  const form = document.getElementById("new-passkey");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    trying(form, () => add(form));
  });
})();

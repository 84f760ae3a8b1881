// A page without a server of its own that signs people in by oidc-client-ts.
const { origin, search } = location;
const settings = JSON.parse(sessionStorage.getItem("settings"));

function show(state) {
  document.querySelector("#state").textContent = state;
}

window.manager = settings && new oidc.UserManager({
  ...settings,
  redirect_uri: `${origin}/`,
  post_logout_redirect_uri: `${origin}/?left`,
  scope: "openid profile email offline_access",
  loadUserInfo: true,
  automaticSilentRenew: false,
});

async function start() {
  if (!settings) return show("ready");
  if (new URLSearchParams(search).has("code")) {
    const user = await manager.signinRedirectCallback();
    history.replaceState({}, "", "/");
    return show(`signed in as ${user.profile.email}`);
  }
  if (search.startsWith("?left")) {
    await manager.signoutRedirectCallback();
    return show("signed out");
  }
  return show("ready");
}

start().catch((problem) => show(`failed: ${problem.message}`));

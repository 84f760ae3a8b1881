// passport-oauth2 in an Express app: people sign in by way of the product.
import { randomBytes } from "node:crypto";
import express from "express";
import session from "express-session";
import passport from "passport";
import OAuth2Strategy from "passport-oauth2";
import { facts, listening } from "./conversation.mjs";

const app = express();
const server = app.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const strategy = new OAuth2Strategy(
    {
      authorizationURL: `${facts.issuer}/oauth/authorize`,
      tokenURL: `${facts.issuer}/oauth/token`,
      clientID: facts.clientId,
      clientSecret: facts.clientSecret,
      callbackURL: `http://127.0.0.1:${port}/callback`,
      scope: "view_users",
      pkce: "S256",
      state: true,
    },
    (accessToken, refreshToken, profile, done) =>
      done(null, { ...profile, hasRefreshToken: Boolean(refreshToken) }),
  );
  strategy._oauth2.useAuthorizationHeaderforGET(true);
  strategy.userProfile = (accessToken, done) =>
    strategy._oauth2.get(`${facts.issuer}/api/v1/me`, accessToken, (problem, body) =>
      problem ? done(problem) : done(null, JSON.parse(body)),
    );
  passport.use(strategy);
  listening(port);
});

passport.serializeUser((user, done) => done(null, JSON.stringify(user)));
passport.deserializeUser((text, done) => done(null, JSON.parse(text)));
app.use(
  session({
    name: "shop",
    secret: randomBytes(32).toString("hex"),
    resave: false,
    saveUninitialized: false,
  }),
);
app.use(passport.session());
app.get("/login", passport.authenticate("oauth2"));
app.get(
  "/callback",
  passport.authenticate("oauth2", { failureRedirect: "/refused" }),
  (request, response) => response.redirect("/"),
);
app.get("/refused", (request, response) => response.status(403).send("refused"));
app.get("/", (request, response) =>
  request.user ? response.json(request.user) : response.sendStatus(401),
);

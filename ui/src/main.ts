// The window's page, over the real way to the engine.

import { mount } from "svelte";
import "./app.css";
import { App } from "./app.svelte";
import Window from "./Window.svelte";
import { transport } from "./transport";

const target = document.getElementById("app");
if (target) mount(Window, { target, props: { app: new App(transport()) } });

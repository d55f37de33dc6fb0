// Starts the console. Nothing here but the wiring.
import './look/colours.css';
import './look/tokens.css';
import './look/base.css';
import './look/layers.css';
import { mount } from 'svelte';
import App from './app/App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });

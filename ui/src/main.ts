import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { language } from '$lib/i18n/language.svelte';
import { theme } from '$lib/theme.svelte';

theme.apply();
document.documentElement.lang = language.current;
mount(App, { target: document.getElementById('app')! });

// Everything an ordinary console page needs. Charts, long images and live streams are scripts of their own.
import "htmx.org/dist/htmx.esm.js";
import "./shell.js";
import "./dialogs.js";
import "./toasts.js";
import "./tables.js";
import "./forms.js";
import "./calendar.js";

// Passes the page's choices on to its pictures.

import { postChoices } from "../shared/chosen.js";
import { mountComponent } from "../shared/mount.js";

export default mountComponent(null, () => ({ update: postChoices }));

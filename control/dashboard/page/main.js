// Introduces the parts of the page to one another.
import { drawAside } from './aside.js';
import { drawCapacity } from './capacity.js';
import { refreshDetail, startDetail } from './detail.js';
import { byId } from './dom.js';
import { startEvents, stopEvents } from './events.js';
import { showAway, showLive, showPaused } from './link.js';
import { drawOverview } from './overview.js';
import { drawPlots } from './plots.js';
import { Poller } from './poller.js';
import { refreshReservations, startReservations, touchReservations } from './reservations.js';
import { drawTypes } from './types.js';

let isPaused = false;
let wasAway = false;
let lastDone = '';

/// Changes whenever the engine has done something.
const doneBy = ({ queue, unsettled, waiting, provisioned, failed, rejected, removed }) =>
  [queue, unsettled, waiting, provisioned, failed, rejected, removed].join();

const poller = new Poller({
  onPicture(picture) {
    showLive(picture.at);
    for (const draw of [drawOverview, drawCapacity, drawPlots, drawTypes, drawAside]) draw(picture);
    // Also when events do not come through.
    const done = doneBy(picture.status.engine);
    if (done !== lastDone) touchReservations();
    lastDone = done;
    if (wasAway) {
      touchReservations();
      refreshDetail();
    }
    wasAway = false;
    refreshReservations();
  },
  onLoss(reason, failures, pause) {
    wasAway = true;
    showAway(reason, failures, pause);
  },
});

function onNews(ids) {
  touchReservations();
  refreshDetail(ids);
}

/// Nothing is asked while nobody looks.
function adjust() {
  if (isPaused || document.hidden) {
    poller.stop();
    stopEvents();
  } else {
    poller.hurry();
    startEvents(onNews);
  }
}

byId('pause').addEventListener('click', () => {
  isPaused = !isPaused;
  showPaused(isPaused);
  adjust();
});
byId('try-now').addEventListener('click', () => poller.hurry());
document.addEventListener('visibilitychange', adjust);

startReservations();
startDetail();
adjust();

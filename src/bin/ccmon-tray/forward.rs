//! Bringing a window to the front that somebody asked for: with the leave that the desktop gave whoever asked, so
//! that it may take the focus; without, the desktop decides.

use gtk::prelude::*;
use tao::platform::unix::WindowExtUnix;
use tao::window::Window;

/// Brings `window` to the front.
pub fn bring(window: &Window, leave: Option<&str>) {
    let Some(leave) = leave else {
        return window.set_focus();
    };
    let gtk_window = window.gtk_window();
    // Ends the desktop's waiting for us, too.
    gtk_window.set_startup_id(leave);
    gtk_window.present_with_time(time(leave));
}

/// Ends the desktop's waiting for a window, where none of ours takes the focus.
pub fn done(leave: Option<&str>) {
    if let (Some(leave), Some(display)) = (leave, gtk::gdk::Display::default()) {
        display.notify_startup_complete(leave);
    }
}

/// When the user asked, as the X server counts: what stands behind the last `_TIME` of a startup id; 0 for "now"
/// in what is no startup id.
fn time(leave: &str) -> u32 {
    leave.rsplit_once("_TIME").and_then(|(_, time)| time.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_startup_id_says_when_the_user_asked() {
        assert_eq!(time("xfce4-panel/ccmon/4711-0-host_TIME123456"), 123_456);
        assert_eq!(time("a_TIME1_TIME2"), 2);
        for odd in ["", "4f1c9b1e-8d5e", "x_TIME", "x_TIME-1", "x_TIME99999999999"] {
            assert_eq!(time(odd), 0, "{odd}");
        }
    }
}

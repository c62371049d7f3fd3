//! WebKitGTK, brought in for the first window: it is 30 MB with all that it is linked with, and a tray without a
//! window needs none of it.
//!
//! The linker finds the functions that the bindings call here, so it has nothing to take from the library, and the program
//! starts without it. Each is a jump to where the library has it, which [`load`] asks the loader for. Elsewhere than on
//! x86-64 the library is linked as usual.

use anyhow::{Context, Result};

/// Makes the functions of the library there. It stays until the process ends.
///
/// # Errors
/// When the library is not installed, or is too old.
pub fn load() -> Result<()> {
    late::load()
        .map_err(anyhow::Error::msg)
        .context("WebKitGTK cannot be loaded; the package libwebkit2gtk-4.1-0 has it")
}

#[cfg(not(target_arch = "x86_64"))]
mod late {
    pub(super) fn load() -> Result<(), &'static str> {
        Ok(())
    }
}

// What is called here has the types that the bindings declare, and these link the same library where it is linked as usual.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod late {
    use std::mem::ManuallyDrop;
    use std::sync::atomic::{AtomicPtr, Ordering};
    use std::sync::{Mutex, PoisonError};

    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

    /// Under this name its versions are compatible.
    const LIBRARY: &str = "libwebkit2gtk-4.1.so.0";

    static LOADED: Mutex<bool> = Mutex::new(false);

    /// Tries again when it was not there: somebody may have installed it.
    pub(super) fn load() -> Result<(), String> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if !*loaded {
            find().map_err(|error| error.to_string())?;
            *loaded = true;
        }
        Ok(())
    }

    fn find() -> Result<(), libloading::Error> {
        // SAFETY: the library is the one that a program linked with it would start with. It is never unloaded, which it is
        // not made for: nobody drops this.
        let library = ManuallyDrop::new(unsafe { Library::open(Some(LIBRARY), RTLD_NOW | RTLD_GLOBAL)? });
        let mut found = Vec::with_capacity(NAMES.len());
        for name in NAMES {
            // SAFETY: an address, which is only jumped to with the arguments that the caller has put in place.
            let symbol = unsafe { library.get::<*mut ()>(name.as_bytes())? };
            found.push(symbol.into_raw());
        }
        // SAFETY: the table is in writable memory, and has a place for each name, in their order.
        let table = unsafe { &TABLE };
        for (place, address) in table.iter().zip(found) {
            place.store(address.cast(), Ordering::Release);
        }
        Ok(())
    }

    /// A function was called before the library was loaded: there is nothing to go on with.
    extern "C" fn too_early() -> ! {
        tracing::error!("WebKitGTK was called before it was loaded");
        std::process::abort()
    }

    macro_rules! functions {
        ($($name:ident)*) => {
            const NAMES: &[&str] = &[$(concat!(stringify!($name), "\0")),*];

            std::arch::global_asm!(
                ".pushsection .data.rel.ccmon_webkit, \"aw\", @progbits",
                ".balign 8",
                ".hidden ccmon_webkit",
                ".globl ccmon_webkit",
                "ccmon_webkit:",
                ".popsection",
                $(concat!(
                    ".pushsection .data.rel.ccmon_webkit, \"aw\", @progbits\n",
                    ".Lat_", stringify!($name), ": .quad {too_early}\n",
                    ".popsection\n",
                    ".pushsection .text.ccmon_webkit, \"ax\", @progbits\n",
                    ".hidden ", stringify!($name), "\n",
                    ".globl ", stringify!($name), "\n",
                    ".type ", stringify!($name), ", @function\n",
                    stringify!($name), ":\n",
                    "endbr64\n",
                    "jmp qword ptr [rip + .Lat_", stringify!($name), "]\n",
                    ".size ", stringify!($name), ", . - ", stringify!($name), "\n",
                    ".popsection\n",
                ),)*
                too_early = sym too_early,
            );
        };
    }

    // One that is missing here makes the program need the library at its start again, which a test below notices.
    functions! {
    jsc_value_get_type jsc_value_to_json jsc_value_to_string soup_message_headers_append
    soup_message_headers_foreach soup_message_headers_new soup_message_headers_ref soup_message_headers_unref
    webkit_application_info_new webkit_application_info_set_name webkit_application_info_set_version
    webkit_application_info_unref webkit_automation_session_get_type webkit_automation_session_set_application_info
    webkit_autoplay_policy_get_type webkit_cookie_manager_get_type webkit_cookie_manager_set_persistent_storage
    webkit_download_cancel webkit_download_get_destination webkit_download_get_request webkit_download_get_type
    webkit_download_set_destination webkit_geolocation_permission_request_get_type
    webkit_input_method_context_get_type webkit_input_method_context_set_enable_preedit
    webkit_javascript_result_get_js_value webkit_javascript_result_unref webkit_navigation_action_copy
    webkit_navigation_action_free webkit_navigation_action_get_request
    webkit_navigation_policy_decision_get_navigation_action webkit_navigation_policy_decision_get_type
    webkit_network_proxy_settings_free webkit_network_proxy_settings_new
    webkit_notification_permission_request_get_type webkit_permission_request_allow webkit_permission_request_deny
    webkit_permission_request_get_type webkit_pointer_lock_permission_request_get_type
    webkit_policy_decision_get_type webkit_policy_decision_ignore webkit_policy_decision_use
    webkit_security_manager_get_type webkit_security_manager_register_uri_scheme_as_secure webkit_settings_get_type
    webkit_settings_set_enable_back_forward_navigation_gestures webkit_settings_set_enable_developer_extras
    webkit_settings_set_enable_javascript webkit_settings_set_enable_page_cache webkit_settings_set_enable_webaudio
    webkit_settings_set_enable_webgl webkit_settings_set_javascript_can_access_clipboard
    webkit_settings_set_user_agent webkit_uri_request_get_http_headers webkit_uri_request_get_type
    webkit_uri_request_get_uri webkit_uri_scheme_request_finish_error
    webkit_uri_scheme_request_finish_with_response webkit_uri_scheme_request_get_http_body
    webkit_uri_scheme_request_get_http_headers webkit_uri_scheme_request_get_http_method
    webkit_uri_scheme_request_get_type webkit_uri_scheme_request_get_uri webkit_uri_scheme_request_get_web_view
    webkit_uri_scheme_response_get_type webkit_uri_scheme_response_new webkit_uri_scheme_response_set_content_type
    webkit_uri_scheme_response_set_http_headers webkit_uri_scheme_response_set_status
    webkit_user_content_manager_add_script webkit_user_content_manager_get_type webkit_user_content_manager_new
    webkit_user_content_manager_register_script_message_handler webkit_user_media_permission_request_get_type
    webkit_user_script_new webkit_user_script_unref webkit_web_context_get_security_manager
    webkit_web_context_get_type webkit_web_context_get_website_data_manager webkit_web_context_new_ephemeral
    webkit_web_context_register_uri_scheme webkit_web_context_set_automation_allowed
    webkit_web_context_set_use_system_appearance_for_scrollbars webkit_web_context_set_web_extensions_directory
    webkit_web_inspector_get_type webkit_web_view_get_context webkit_web_view_get_input_method_context
    webkit_web_view_get_inspector webkit_web_view_get_settings webkit_web_view_get_title webkit_web_view_get_type
    webkit_web_view_get_uri webkit_web_view_get_user_content_manager webkit_web_view_load_html
    webkit_web_view_load_request webkit_web_view_load_uri webkit_web_view_run_javascript
    webkit_web_view_run_javascript_finish webkit_web_view_set_background_color webkit_web_view_set_zoom_level
    webkit_website_data_manager_get_cookie_manager webkit_website_data_manager_get_type
    webkit_website_data_manager_set_network_proxy_settings webkit_website_policies_get_type
    }

    unsafe extern "C" {
        #[link_name = "ccmon_webkit"]
        static TABLE: [AtomicPtr<()>; NAMES.len()];
    }
}

#[cfg(test)]
mod tests {
    fn is_here() -> bool {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        ["libwebkit2gtk", "libjavascriptcoregtk", "libsoup"].iter().any(|library| maps.contains(library))
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn it_is_there_once_it_is_needed_and_not_before() {
        assert!(!is_here(), "the list lacks a function: `nm -D --undefined-only` of this program names it");
        super::load().unwrap();
        assert!(is_here());
        super::load().unwrap();
        use webkit2gtk::glib::prelude::StaticType;
        assert_eq!(webkit2gtk::SecurityManager::static_type().name(), "WebKitSecurityManager");
    }
}

//! A browser under the control of a test: the part of WebDriver that the tests need, over plain HTTP.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

/// The time limit of a wait, in milliseconds.
const WAIT_LIMIT: u32 = 30_000;

/// Keys, by the codes of WebDriver.
pub(crate) const TAB: &str = "\u{E004}";
pub(crate) const ENTER: &str = "\u{E007}";
pub(crate) const ESCAPE: &str = "\u{E00C}";
pub(crate) const LEFT: &str = "\u{E012}";
pub(crate) const RIGHT: &str = "\u{E014}";
pub(crate) const DOWN: &str = "\u{E015}";

/// The possible names of the browser's program.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// A browser with one page. It is closed when this value is dropped.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// Starts a browser, if the system has one.
    pub(crate) fn open() -> Option<Self> {
        let exists = |name: &&str| {
            let version = Command::new(name).arg("--version").output();
            version.is_ok_and(|output| output.status.success())
        };
        let binary = BROWSERS.into_iter().find(exists)?;
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let output = BufReader::new(driver.stdout.take().expect("it is piped"));
        let mut lines = output.lines();
        let port = lines.find_map(|line| {
            let line = line.ok()?;
            let port = line.split_once("successfully on port ")?.1;
            port.trim_end_matches('.').parse().ok()
        });
        std::thread::spawn(move || lines.for_each(drop));
        let mut browser = Self {
            driver,
            port: port.expect("the driver prints its port"),
            session: String::new(),
        };
        browser.begin(binary);
        Some(browser)
    }

    fn begin(&mut self, binary: &str) {
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--window-size=1360,860",
        ];
        let answer = self.ask(
            "POST",
            "/session",
            &json!({ "capabilities": { "alwaysMatch": {
                "browserName": "chrome",
                "timeouts": { "script": 2 * WAIT_LIMIT },
                "goog:chromeOptions": { "binary": find(binary), "args": arguments },
                "goog:loggingPrefs": { "browser": "ALL" },
            } } }),
        );
        let session = answer["sessionId"].as_str();
        session
            .expect("a session begins")
            .clone_into(&mut self.session);
    }

    pub(crate) fn go(&self, link: &str) {
        self.post("url", &json!({ "url": link }));
    }

    /// Asks for the page again, as a visitor does.
    pub(crate) fn reload(&self) {
        self.post("refresh", &json!({}));
    }

    /// Runs a script in the page, and returns its result.
    pub(crate) fn eval(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs the body of an async function in the page, and returns its result.
    pub(crate) fn promise(&self, body: &str) -> Value {
        let script = format!(
            "const done = arguments[0]; (async () => {{ {body} }})().then(done, (error) => done(String(error)))"
        );
        self.post("execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Waits in the page until a condition holds.
    #[track_caller]
    pub(crate) fn until(&self, condition: &str) {
        let holds = self.promise(&format!(
            "const last = Date.now() + {WAIT_LIMIT};
             for (;;) {{
               let holds = false;
               try {{ holds = {condition}; }} catch {{ holds = false; }}
               if (holds) return true;
               if (Date.now() > last) return document.body.innerText;
               await new Promise((again) => setTimeout(again, 20));
             }}"
        ));
        assert_eq!(
            holds, true,
            "the condition does not hold in time: {condition}"
        );
    }

    /// Clicks an element with the mouse.
    pub(crate) fn click(&self, selector: &str) {
        let by = json!({ "using": "css selector", "value": selector });
        let element = self.post("element", &by);
        let id = element.as_object().and_then(|it| it.values().next());
        let id = id.and_then(Value::as_str).expect("the element exists");
        self.post(&format!("element/{id}/click"), &json!({}));
    }

    /// Presses keys one after the other, on the element with the focus.
    pub(crate) fn press(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
        });
        let strokes: Vec<Value> = strokes.collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.post("actions", &json!({ "actions": [keyboard] }));
    }

    /// Checks that the page has logged no errors.
    #[track_caller]
    pub(crate) fn is_content(&self) {
        let log = self.post("se/log", &json!({ "type": "browser" }));
        let log = log.as_array().cloned().unwrap_or_default();
        let bad: Vec<Value> = log
            .into_iter()
            .filter(|it| it["level"] == "SEVERE")
            .collect();
        assert!(bad.is_empty(), "{bad:#?}");
    }

    /// Sets the size of the window and the theme of the page.
    pub(crate) fn look(&self, width: u32, height: u32, theme: &str) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.command("Emulation.setDeviceMetricsOverride", &metrics);
        let theme = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
        self.command("Emulation.setEmulatedMedia", &theme);
    }

    /// A screenshot of the page, as PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let path = format!("/session/{}/screenshot", self.session);
        let text = self.ask("GET", &path, &Value::Null);
        let decoded = BASE64_STANDARD.decode(text.as_str().expect("it is a picture"));
        decoded.expect("it is in base 64")
    }

    fn command(&self, command: &str, params: &Value) {
        self.post(
            "goog/cdp/execute",
            &json!({ "cmd": command, "params": params }),
        );
    }

    fn post(&self, what: &str, body: &Value) -> Value {
        self.ask("POST", &format!("/session/{}/{what}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n",
            self.port
        );
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        write!(
            request,
            "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("a string takes all");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).expect("it answers");
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(told) = line.strip_prefix("content-length:") {
                length = told.trim().parse().expect("it is a number");
            }
            if line.is_empty() {
                break;
            }
        }
        let mut text = vec![0; length];
        answer.read_exact(&mut text).expect("it answers in full");
        let answer: Value = serde_json::from_slice(&text).expect("it is JSON");
        let value = answer["value"].clone();
        assert!(value["error"].is_null(), "{path}: {value:#}");
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser would not end with its driver, so its session is closed first.
        let stream = TcpStream::connect(("127.0.0.1", self.port));
        if let Ok(mut stream) = stream {
            let path = format!("/session/{}", self.session);
            let request = format!(
                "DELETE {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
                self.port
            );
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.read(&mut [0; 64]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The path of a program, as the driver needs it.
fn find(program: &str) -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(program));
    let found = places.find(|place| place.is_file());
    found.map_or_else(|| program.to_owned(), |place| place.display().to_string())
}

//! What the running Asterisk says it sees, asked over its manager interface.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::Pbx;

#[derive(Debug)]
pub struct Manager {
    stream: BufReader<TcpStream>,
}

impl Manager {
    pub async fn log_in(pbx: &Pbx) -> Self {
        let address = pbx.value("GONOPBX_AMI_ADDRESS");
        let stream = TcpStream::connect(address).await.expect("the manager");
        let mut manager = Self {
            stream: BufReader::new(stream),
        };
        let fields = format!(
            "Login\r\nUsername: {}\r\nSecret: {}\r\nEvents: off",
            pbx.value("GONOPBX_AMI_USER"),
            pbx.value("GONOPBX_AMI_SECRET")
        );
        let said = manager.ask(&fields).await;
        assert!(said.contains("Response: Success"), "{said}");
        manager
    }

    /// What a function of the dialplan is worth, as every call would have it; nothing when it fails.
    pub async fn evaluate(&mut self, function: &str) -> String {
        let said = self.ask(&format!("Getvar\r\nVariable: {function}")).await;
        let value = said.lines().find_map(|line| line.strip_prefix("Value: "));
        value.unwrap_or_default().to_owned()
    }

    /// What a command of the console prints.
    pub async fn command(&mut self, command: &str) -> String {
        self.ask(&format!("Command\r\nCommand: {command}")).await
    }

    async fn ask(&mut self, action: &str) -> String {
        let question = format!("Action: {action}\r\n\r\n");
        let sent = self.stream.get_mut().write_all(question.as_bytes()).await;
        sent.expect("sent");
        let mut answer = String::new();
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line).await.expect("an answer");
            assert!(read > 0, "the manager has left: {answer}");
            if line.trim().is_empty() && answer.contains("Response: ") {
                return answer;
            }
            answer.push_str(line.trim_end());
            answer.push('\n');
        }
    }
}

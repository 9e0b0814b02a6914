//! Calls between services, as the serving side sees them.

use std::time::Duration;

use crate::causes::Causes;
use crate::code::Code;
use crate::grpc::{RpcMethod, RpcStatus};

events! {
    RPC;

    RpcCompleted = Debug "rpc.completed" "a call was answered" { rpc: RpcMethod, duration: Duration }
    RpcRefused = Info "rpc.refused" "a call was refused" {
        rpc: RpcMethod,
        code: RpcStatus,
        duration: Duration,
    }
    RpcFailed = Warning "rpc.failed" "a call failed" { rpc: RpcMethod, code: RpcStatus, duration: Duration }
    UseCaseFailed = Error "use_case.failed" "a use case failed on our side" { code: Code, error: Causes }
}

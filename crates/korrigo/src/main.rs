//! `korrigo`, the operators' binary.

fn main() -> std::process::ExitCode {
    korrigo::commands::main()
}

/// A command that lets plugins work in its own process: it runs in a child of `Supervisor`.
protocol SupervisedCommand {}

extension Train: SupervisedCommand {}
extension Score: SupervisedCommand {}
extension Generate: SupervisedCommand {}
extension BenchTrain: SupervisedCommand {}
extension BenchDecode: SupervisedCommand {}
extension BenchABI: SupervisedCommand {}
// What these ask of a plugin is asked of a child first; what that one survived by luck is told of.
extension List: SupervisedCommand {}
extension Doctor: SupervisedCommand {}

resource "aws_eks_cluster" "main" {
  version = "1.25"
}
resource "aws_lambda_function" "f" {
  runtime = = "python3.8"
}

module example.org/tools

go 1.18

require github.com/aws/aws-cdk-go/awscdk/v2 v2.80.0

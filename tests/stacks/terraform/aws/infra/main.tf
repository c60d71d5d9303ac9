# resource "aws_db_instance" "none" { engine_version = "9.4" }
terraform {
  required_version = ">= 1.3, < 1.6"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 3.0" }
  }
}

variable "postgres_version" {
  type    = string
  default = "12.7"
}

variable "no_default" {}

locals {
  kubernetes = { version = "9.9" }
  eks        = "1.24"
}

resource "aws_db_instance" "main" {
  engine         = "postgres"
  engine_version = var.postgres_version
  user_data      = <<-EOF
    resource "aws_eks_cluster" "fake" {
      version = "1.11"
    }
    }
  EOF
}

resource "aws_rds_cluster" "orders" {
  engine         = "aurora-mysql"
  engine_version = "5.7.mysql_aurora.2.11.2"
}

resource "aws_rds_cluster" "other" {
  engine         = var.no_default
  engine_version = "8.8"
}

resource "aws_db_instance" "legacy" {
  engine         = "sqlserver-ex"
  engine_version = "14.00"
}

resource "aws_eks_cluster" "main" {
  name    = "shop-${local.eks}" /* "1.20" { */
  version = local.eks
}

resource "aws_eks_node_group" "old" {
  version = var.no_default
}

resource "aws_lambda_function" "thumbs" {
  runtime = "nodejs14.x"
  environment {
    variables = { version = "2.7" }
  }
}

resource "aws_elasticache_replication_group" "cache" {
  engine_version = "5.0.6"
}

resource "aws_opensearch_domain" "search" {
  engine_version = "Elasticsearch_7.10"
}

module "eks" {
  source          = "terraform-aws-modules/eks/aws"
  version         = "19.0.4"
  cluster_version = "1.23"
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "3.2.1"
}

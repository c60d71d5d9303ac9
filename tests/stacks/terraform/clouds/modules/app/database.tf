/* Two clouds.
   version = "9.9" */
resource "google_sql_database_instance" "a" {
  database_version = "POSTGRES_11"
  settings { tier = "db-f1-micro" }
}
resource "google_sql_database_instance" "b" { database_version = "MYSQL_5_7" }
resource "google_container_cluster" "c" {
  min_master_version = "1.24.11-gke.1000"
  release_channel { channel = "REGULAR" }
}
resource "google_cloudfunctions2_function" "f" {
  build_config {
    runtime     = "python37"
    entry_point = "nodejs10"
  }
}
resource "azurerm_postgresql_flexible_server" "d" {
  name    = "x-13"
  version = "12"
}
resource "azurerm_kubernetes_cluster" "e" {
  kubernetes_version = "1.25.6"
  default_node_pool {
    name = "system"
    orchestrator_version = "1.24.9"
  }
}
resource "azurerm_linux_web_app" "w" {
  site_config {
    application_stack {
      node_version = "16-lts"
    }
  }
}
resource "kubernetes_deployment" "k" {
  spec {
    template {
      spec {
        init_container { image = "busybox:1.30" }
        container {
          name  = "redis:4"
          image = "nginx:1.17"
        }
      }
    }
  }
}
resource "heroku_app" "h" { stack = "heroku-20" }
output "version" { value = "postgres:9.6" }
